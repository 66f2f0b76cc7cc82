"""definitions: CRDs of everything that the platform renders objects for, from upstream's own files.

In      ../shared/crds (or the folder that CRDS names), the folders of Go modules.
Out     CRDs as plain data.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from e2e.binaries import module_folder
from e2e.kubernetes_api import KubernetesAPI, conditions, eventually

JSON = Any

ROOT = Path(__file__).resolve().parents[1]
CRDS = Path(os.environ.get("CRDS", ROOT.parent / "shared" / "crds"))

ARGOCD_MODULE = "github.com/argoproj/argo-cd/v3"
CROSSPLANE_MODULE = "github.com/crossplane/crossplane/v2"


def documents(paths: Iterable[Path]) -> Iterator[JSON]:
    """Every YAML document of some files; empty ones left out."""
    for path in paths:
        with path.open(encoding="utf-8") as file:
            yield from (each for each in yaml.load_all(file, Loader=yaml.CSafeLoader) if each)


def definition_of(definitions: Iterable[JSON], api_version: str, kind: str) -> JSON:
    """The CRD that defines a kind; KeyError where there is none."""
    group = api_version.partition("/")[0]
    for one in definitions:
        if (one["spec"]["group"], one["spec"]["names"]["kind"]) == (group, kind):
            return one
    raise KeyError(f"no definition of {kind} in {group}")


def upstream_definitions(name: str) -> list[JSON]:
    """The CRDs of one folder of CRDS, whose name starts like this: `provider-upjet-aws`."""
    (folder,) = (each for each in CRDS.iterdir() if each.name.startswith(name))
    found = list(documents(sorted(folder.glob("*.yaml"))))
    assert found, f"{folder} holds no CRD"
    return found


def crossplane_definitions() -> list[JSON]:
    """Crossplane's CRDs as its core, which is built from the same module, expects them."""
    folder = module_folder("crossplane", CROSSPLANE_MODULE) / "cluster" / "crds"
    return list(documents(sorted(folder.glob("*.yaml"))))


def argocd_definitions() -> list[JSON]:
    """Argo CD's CRDs as its programs, which are built from the same module, expect them."""
    folder = module_folder("argocd", ARGOCD_MODULE) / "manifests" / "crds"
    return list(documents(sorted(folder.glob("*-crd.yaml"))))


def install(api: KubernetesAPI, definitions: Iterable[JSON]) -> list[str]:
    """Apply CRDs and wait until all are established; their names."""
    names = []
    for each in definitions:
        assert each["kind"] == "CustomResourceDefinition", each["kind"]
        api.apply(each)
        names.append(each["metadata"]["name"])
    for name in names:
        eventually(
            f"{name} is established",
            lambda name=name: conditions(_definition(api, name)).get("Established") == "True",  # type: ignore[misc]
        )
    return names


def _definition(api: KubernetesAPI, name: str) -> JSON:
    return api.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", name)
