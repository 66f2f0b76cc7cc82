"""Compositions need packages: those of crossplane/, where it brings any of that kind."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.canonical_yaml import emit
from platformc.check.claim_api.packages import check_packages
from platformc.check.claim_api.source_object import SourceObject
from platformc.language.nodes import Mapping, plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile

COMPOSE = "function-patch-and-transform"


def package(kind: str, name: str, address: str) -> dict[str, Any]:
    """A package of Crossplane's."""
    return {
        "apiVersion": "pkg.crossplane.io/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"package": address},
    }


def composition(*groups: str, function: str = COMPOSE) -> dict[str, Any]:
    """A Composition of one step that makes a resource of each group."""
    resources = [{"name": group, "base": {"apiVersion": f"{group}/v1beta1", "kind": "Thing"}} for group in groups]
    step = {"step": "compose", "functionRef": {"name": function}, "input": {"resources": resources}}
    return {"kind": "Composition", "metadata": {"name": "things"}, "spec": {"pipeline": [step]}}


def found(*objects: dict[str, Any]) -> list[str]:
    """The messages about some objects."""
    written = []
    for one in objects:
        (document,), _, _ = read_documents(SourceFile("crossplane/x.yaml", emit(one)))
        assert isinstance(document.root, Mapping)
        written.append(SourceObject(plain(document.root), document.root))
    return [finding.message for finding in check_packages(written)]


FUNCTION = package("Function", COMPOSE, f"xpkg.crossplane.io/crossplane-contrib/{COMPOSE}:v0.10.8")
SQS = package("Provider", "any-name", "xpkg.crossplane.io/crossplane-contrib/provider-aws-sqs:v2.6.0")


def test_what_is_there_is_enough() -> None:
    """Under any name: a Provider is known by its package, a Function by its name."""
    assert found(FUNCTION, SQS, composition("sqs.aws.m.upbound.io", "sqs.aws.upbound.io")) == []


@pytest.mark.parametrize(
    "address",
    [
        "xpkg.crossplane.io/crossplane-contrib/provider-aws-sqs@sha256:5f3c1a0d9b7e4c2f8a6d1e0b3c5f7a9d",
        "registry.example.org:5000/mirror/provider-aws-sqs",
    ],
)
def test_how_a_package_can_be_written(address: str) -> None:
    """With a digest, and from a registry with a port."""
    assert found(package("Provider", "sqs", address), composition("sqs.aws.m.upbound.io")) == []


def test_a_service_without_its_provider() -> None:
    """Once a Composition, however many resources it has of it."""
    message = "there is no Provider in crossplane/ for Thing of sns"
    assert found(SQS, composition("sns.aws.m.upbound.io", "sqs.aws.m.upbound.io", "sns.aws.m.upbound.io")) == [message]


def test_a_function_that_is_called_otherwise() -> None:
    """A pipeline finds it by the name of the object."""
    assert found(FUNCTION, composition(function="other")) == ["there is no Function other in crossplane/"]


def test_somebody_else_brings_them() -> None:
    """Where there is none, none is missing; and other providers have names of their own."""
    assert found(composition("sns.aws.m.upbound.io")) == []
    assert found(SQS, composition("example.org", "storage.gcp.m.upbound.io")) == []


@pytest.mark.parametrize(
    "spec", [None, [], {"pipeline": 1}, {"pipeline": [1, {"functionRef": 2, "input": {"resources": [3]}}]}]
)
def test_any_shape(spec: Any) -> None:
    """Whether a Composition is one is found elsewhere."""
    broken = {"kind": "Composition", "metadata": {"name": "things"}, "spec": spec}
    assert found(FUNCTION, SQS, {key: value for key, value in broken.items() if value is not None}) == []
