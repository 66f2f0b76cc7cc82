"""A small platform with streams, compiled with whatever the records say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from platformc.check.claim_api import check_compositions, provider_facts, source_objects
from platformc.kinds import KINDS
from platformc.language import resolve
from platformc.language.crossplane import load_claim_api
from platformc.language.kind import Kind
from platformc.link import Program, link
from platformc.pipeline import Outcome, Request, Tools, compile_platform
from platformc.replacing.trees import check_replaced
from platformc.tree import write
from spec_documents import ENVIRONMENT, PLATFORM, application, document, workload
from toy_stream import STREAM

NEED = "needs: [{stream: letters, access: [read]}], identity: post"
LETTERS = "shards: 2, mirror: letters-copy, consumers: [{name: a}, {name: b}]"
SPECS = {
    "platform.yaml": PLATFORM + "  outputs: {own: '${stream.letters.arn}', copy: '${stream.letters-copy.arn}'}\n",
    "environments/production.yaml": ENVIRONMENT,
    "post/all.yaml": application("post")
    + document("Identity", "post")
    + workload("reader", NEED)
    + document("Stream", "letters", LETTERS),
}
STAGING = ENVIRONMENT.replace("production", "staging")
"""On another cluster, so that only what is in AWS can be shared."""

COMPOSED: Mapping[str, Any] = {
    "name": "stream",
    "base": {
        "apiVersion": "kinesis.aws.m.upbound.io/v1beta1",
        "kind": "Stream",
        "spec": {"forProvider": {"streamModeDetails": {}}},
    },
    "patches": [
        {
            "type": "FromCompositeFieldPath",
            "fromFieldPath": "spec.streamName",
            "toFieldPath": "spec.forProvider.streamName",
        },
        {
            "type": "ToCompositeFieldPath",
            "fromFieldPath": "status.conditions",
            "toFieldPath": "status.resources.stream",
        },
    ],
    "readinessChecks": [
        {"type": "MatchCondition", "matchCondition": {"type": kind, "status": "True"}} for kind in ("Ready", "Synced")
    ],
}
CONDITIONS = {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}


def _schema(spec: Mapping[str, Any], **status: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["spec"],
        "properties": {
            "spec": {"type": "object", "properties": dict(spec)},
            "status": {"type": "object", "properties": status},
        },
    }


class Provider:
    """The schemas of managed resources: a stream's."""

    def schema(self, api_version: str, kind: str) -> dict[str, Any] | None:
        """As the store of schemas gives it."""
        if (api_version, kind) != ("kinesis.aws.m.upbound.io/v1beta1", "Stream"):
            return None
        details = {"type": "object", "properties": {"streamMode": {"type": "string"}}}
        provider = {"type": "object", "properties": {"streamName": {"type": "string"}, "streamModeDetails": details}}
        return {**_schema({"forProvider": provider}, conditions=CONDITIONS), "x-scope": "Namespaced"}

    def versions(self, group: str, kind: str) -> tuple[str, ...]:
        """As the store of schemas gives them."""
        return ("v1beta1",) if (group, kind) == ("kinesis.aws.m.upbound.io", "Stream") else ()


@dataclass
class Toy:
    """The platform in a folder, with a record of streams that may be wrong."""

    folder: Path
    kind: Kind
    specs: dict[str, str] = field(default_factory=lambda: dict(SPECS))

    def __post_init__(self) -> None:
        for name, text in self.specs.items():
            path = self.folder / "specs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def with_spec(self, name: str, text: str) -> Toy:
        """The same with another file; what was rendered stays."""
        return Toy(self.folder, self.kind, {**self.specs, name: text})

    def with_stream(self, spec: str, name: str = "letters", more: str = "") -> Toy:
        """The same with another Stream in place of its own."""
        rest = SPECS["post/all.yaml"].replace(document("Stream", "letters", LETTERS), "")
        return self.with_spec("post/all.yaml", rest + (document("Stream", name, spec) if name else "") + more)

    def with_staging(self, text: str = STAGING) -> Toy:
        """The same with a second environment."""
        return self.with_spec("environments/staging.yaml", text)

    @property
    def request(self) -> Request:
        """What is asked of the pipeline."""
        streams = {"Stream": STREAM} if self.kind.name in KINDS else {}
        kinds = {**KINDS, **streams, self.kind.name: self.kind}
        return Request(self.folder, self.folder / "specs", self.folder / "rendered", validate=False, kinds=kinds)

    @cached_property
    def outcome(self) -> Outcome:
        """All environments, compiled."""
        return compile_platform(self.request, Tools(self.folder / "cache", ""), lambda _stage: None)

    @cached_property
    def program(self) -> Program:
        """The graph of production."""
        return link(resolve(self.outcome.sources, "production"))

    @property
    def found(self) -> list[tuple[str, str]]:
        """Rule and message of all findings."""
        return [(finding.rule, finding.message) for finding in self.outcome.findings]

    def objects(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind in production, by their names; nothing may be wrong."""
        assert not self.outcome.failed, self.found
        tree = next(tree for tree in self.outcome.trees if tree.environment == "production")
        made = [yaml.safe_load(file.content) for file in tree.files.values() if file.id.kind == kind]
        return {one["metadata"]["name"]: one for one in made}

    @property
    def granted(self) -> list[tuple[list[str], list[str]]]:
        """Actions and resources of the identity's policy."""
        policy = json.loads(self.objects("Identity")["post"]["spec"]["policyDocument"])
        return [(one["Action"], one["Resource"]) for one in policy["Statement"]]

    def render(self) -> Toy:
        """Write what the specs say."""
        assert not self.outcome.failed, self.found
        write(
            self.folder / "rendered",
            self.outcome.trees,
            unsealed=frozenset(),
            discard_edits=False,
            all_environments=True,
        )
        return self

    @property
    def replaced(self) -> list[tuple[str, str, str]]:
        """Rule, message and hint of what rendering now would break."""
        outcome = self.outcome
        assert not outcome.failed, self.found
        found = check_replaced(
            outcome.places, outcome.sources.kinds, self.folder / "rendered", "rendered", outcome.trees
        )
        return [(finding.rule, finding.message, finding.hint) for finding in found]

    @property
    def composed(self) -> list[str]:
        """Rules of what is wrong with a Composition of streams that leaves out what no schema asks for."""
        folder = self.folder / "crossplane" / "stream"
        folder.mkdir(parents=True, exist_ok=True)
        group, name = "aws.platformc.dev", "streams.aws.platformc.dev"
        resources = {"type": "object", "additionalProperties": CONDITIONS}
        version = {
            "name": "v1alpha1",
            "served": True,
            "referenceable": True,
            "schema": {"openAPIV3Schema": _schema({"streamName": {"type": "string"}}, resources=resources)},
        }
        names = {"kind": "Stream", "plural": "streams"}
        definition = {
            "apiVersion": "apiextensions.crossplane.io/v2",
            "kind": "CompositeResourceDefinition",
            "metadata": {"name": name},
            "spec": {"scope": "Namespaced", "group": group, "names": names, "versions": [version]},
        }
        step = {
            "step": "compose",
            "functionRef": {"name": "function-patch-and-transform"},
            "input": {"apiVersion": "pt.fn.crossplane.io/v1beta1", "kind": "Resources", "resources": [COMPOSED]},
        }
        claimed = {"apiVersion": f"{group}/v1alpha1", "kind": "Stream"}
        composition = {
            "apiVersion": "apiextensions.crossplane.io/v1",
            "kind": "Composition",
            "metadata": {"name": name},
            "spec": {"compositeTypeRef": claimed, "mode": "Pipeline", "pipeline": [step]},
        }
        for file, made in (("definition", definition), ("composition", composition)):
            (folder / f"{file}.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
        objects = source_objects(load_claim_api(self.folder / "crossplane", "crossplane"), "Namespaced")
        checked = check_compositions(objects, Provider(), provider_facts({self.kind.name: self.kind}))
        return [finding.rule for finding in checked.findings]
