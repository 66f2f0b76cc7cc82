"""What a schema forbids is reported where the spec says it, not where the output shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformc.diagnostics import Finding, Severity
from platformc.pipeline import Outcome, Tools
from small_platform import HERE, compiled_wholly, document, raw, workload

pytestmark = pytest.mark.slow  # starts kubeconform for each mistake

PATCHES: dict[str, tuple[str, str]] = {
    # name: (the patch, what the message must say); HERE marks the line that the finding must stand on
    "unknown-field": (f"merge: {{spec: {{replicaz: 2}}}} {HERE}", "replicaz"),
    "text-for-number": (f'merge: {{spec: {{replicas: "two"}}}} {HERE}', "spec.replicas"),
    "number-for-text": (
        f"merge: {{spec: {{template: {{spec: {{priorityClassName: 7}}}}}}}} {HERE}",
        "priorityClassName",
    ),
    "map-for-list": (f"merge: {{spec: {{template: {{spec: {{tolerations: {{a: b}}}}}}}}}} {HERE}", "tolerations"),
    "list-for-map": (f"merge: {{spec: {{template: {{spec: {{nodeSelector: [a]}}}}}}}} {HERE}", "nodeSelector"),
    "text-for-switch": (f'merge: {{spec: {{paused: "yes"}}}} {HERE}', "spec.paused"),
    "unknown-nested-field": (
        f"jsonPatch: [{{op: add, path: /spec/template/spec/containers/0/imagee, value: x}}] {HERE}",
        "imagee",
    ),
    "wrong-item": (f"jsonPatch: [{{op: add, path: /spec/template/spec/containers/0/args, value: [1]}}] {HERE}", "args"),
    "missing-in-item": (
        f"jsonPatch: [{{op: add, path: /spec/template/spec/containers/0/ports/-, value: {{name: x}}}}] {HERE}",
        "containerPort",
    ),
    "required-field-removed": (f"jsonPatch: [{{op: remove, path: /spec/selector}}] {HERE}", "selector"),
    "required-field-moved": (
        f"jsonPatch: [{{op: move, from: /spec/template/spec/containers/0/name, path: /metadata/labels/moved}}] {HERE}",
        "missing field name",
    ),
    "required-field-merged-away": (f"merge: {{spec: {{selector: null}}}} {HERE}", "selector"),
    "wrong-port": (
        f"jsonPatch: [{{op: replace, path: /spec/template/spec/containers/0/ports/0/containerPort, value: http}}] {HERE}",
        "containerPort",
    ),
}

CLAIM_PATCHES: dict[str, tuple[str, str]] = {
    "not-among-the-choices": (f"merge: {{spec: {{deletionPolicy: Keep}}}} {HERE}", "spec.deletionPolicy"),
    "not-as-aws-wants-names": (f'merge: {{spec: {{queueName: "a b"}}}} {HERE}', "spec.queueName"),
    "above-the-maximum": (f"merge: {{spec: {{delaySeconds: 901}}}} {HERE}", "spec.delaySeconds"),
    "below-the-minimum": (f"merge: {{spec: {{messageRetentionSeconds: 59}}}} {HERE}", "spec.messageRetentionSeconds"),
    "text-for-a-switch": (f'merge: {{spec: {{sqsManagedSse: "yes"}}}} {HERE}', "spec.sqsManagedSse"),
    "unknown-field-of-a-claim": (f"merge: {{spec: {{visibilityTimeout: 30}}}} {HERE}", "visibilityTimeout"),
    "number-among-tags": (f"merge: {{spec: {{tags: {{team: 7}}}}}} {HERE}", "spec.tags.team"),
    "required-field-removed": (f"jsonPatch: [{{op: remove, path: /spec/region}}] {HERE}", "region"),
}

RAW: dict[str, tuple[str, str]] = {
    "config-map-number": (f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: raw}}\ndata:\n  a: 3 {HERE}", "data.a"),
    "config-map-field": (f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: raw}}\ndatas: {{a: b}} {HERE}", "datas"),
    "service-port": (
        f"apiVersion: v1\nkind: Service\nmetadata: {{name: raw}}\nspec:\n  ports:\n  - port: web {HERE}",
        "port",
    ),
    "missing-required": (
        f"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {{name: raw}} {HERE}\nsubjects: []",
        "roleRef",
    ),
    "label-number": (
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: raw\n  labels: {{a: 3}} {HERE}",
        "labels",
    ),
    "unknown-version": (f"apiVersion: apps/v1beta9 {HERE}\nkind: Deployment\nmetadata: {{name: raw}}", "apps/v1beta9"),
    "quantity": (
        f"apiVersion: v1\nkind: ResourceQuota\nmetadata: {{name: raw}}\nspec:\n  hard:\n    pods: true {HERE}",
        "pods",
    ),
    "claim-enum": (
        (
            "apiVersion: aws.platformc.dev/v1alpha1\nkind: Queue\nmetadata: {name: raw}\nspec:\n"
            f"  region: eu-central-1\n  queueName: raw\n  deletionPolicy: Maybe {HERE}"
        ),
        "deletionPolicy",
    ),
    "claim-pattern": (
        (
            "apiVersion: aws.platformc.dev/v1alpha1\nkind: Queue\nmetadata: {name: raw}\nspec:\n"
            f'  region: eu-central-1\n  queueName: "not a name" {HERE}'
        ),
        "queueName",
    ),
    "claim-unknown-field": (
        (
            "apiVersion: aws.platformc.dev/v1alpha1\nkind: Queue\nmetadata: {name: raw}\nspec:\n"
            f"  region: eu-central-1\n  queueName: raw\n  colour: red {HERE}"
        ),
        "colour",
    ),
}


def _the_finding(outcome: Outcome) -> Finding:
    """The one finding, which a schema made."""
    errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
    assert [finding.rule for finding in errors] == ["schema-invalid"]
    return errors[0]


def _stands_here(outcome: Outcome, finding: Finding) -> bool:
    lines = outcome.texts["specs/app/documents.yaml"].split("\n")
    return finding.at.path == "specs/app/documents.yaml" and HERE in lines[finding.at.line - 1]


def test_enough_kinds_of_mistakes() -> None:
    """At least fifteen mistakes that a schema alone can see."""
    assert len(PATCHES) + len(RAW) >= 15


@pytest.mark.parametrize("name", PATCHES)
def test_what_a_patch_breaks_stands_at_the_patch(tmp_path: Path, tools: Tools, name: str) -> None:
    """A schema error that a patch made points at the patch, and names the field of the object."""
    patch, said = PATCHES[name]
    documents = workload(patches=f"\n- target: {{kind: Deployment}}\n  {patch}\n")
    outcome = compiled_wholly(tmp_path, tools, documents)
    finding = _the_finding(outcome)
    assert said in finding.message
    assert "Deployment" in finding.message
    assert _stands_here(outcome, finding)
    assert [span.path for span, _ in finding.related] == ["rendered/production/app/app/deployment-bot.yaml"]


@pytest.mark.parametrize("name", CLAIM_PATCHES)
def test_what_a_patch_breaks_in_a_claim_stands_at_the_patch(tmp_path: Path, tools: Tools, name: str) -> None:
    """Claims are held against our own definitions."""
    patch, said = CLAIM_PATCHES[name]
    documents = document("Queue", "one", f"delay: 1s\npatches:\n- target: {{kind: Queue}}\n  {patch}\n")
    outcome = compiled_wholly(tmp_path, tools, documents)
    finding = _the_finding(outcome)
    assert finding.message.startswith("Queue app/one: ")
    assert said in finding.message
    assert _stands_here(outcome, finding)
    assert [span.path for span, _ in finding.related] == ["rendered/production/app-aws/app/queue-one.yaml"]


@pytest.mark.parametrize("name", RAW)
def test_what_a_raw_manifest_breaks_stands_in_it(tmp_path: Path, tools: Tools, name: str) -> None:
    """A schema error of a raw object points at the very line of the spec that holds the value."""
    text, said = RAW[name]
    outcome = compiled_wholly(tmp_path, tools, raw(text))
    finding = _the_finding(outcome)
    assert said in finding.message
    assert _stands_here(outcome, finding)
