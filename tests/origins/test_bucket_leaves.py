"""Every value of a bucket's claim names the text that it was made from."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from platformc.origins.explain import Explainer, Explanation
from platformc.pipeline import Request, load_sources

API = "apiVersion: platformc.dev/v1alpha1"
FILES = {
    "platform.yaml": f"""\
        {API}
        kind: Platform
        metadata: {{name: example}}
        spec:
          git: {{repoURL: https://github.com/example/platform.git}}
          kubernetes: {{version: "1.34"}}
          aws: {{region: eu-central-1, accountID: "123456789012"}}
        """,
    "environments/production.yaml": f"""\
        {API}
        kind: Environment
        metadata: {{name: production}}
        spec: {{destination: {{name: production}}, aws: {{namePrefix: stage-}}}}
        """,
    "app/application.yaml": f"""\
        {API}
        kind: Application
        metadata: {{name: app}}
        spec: {{namespace: {{name: app}}}}
        """,
    "app/bucket.yaml": f"""\
        {API}
        kind: Bucket
        metadata: {{name: reports}}
        spec:
          bucketName: all-reports
          versioning: Suspended
          encryption: SSE-KMS
          abortIncompleteUploads: 3d
          lifecycle:
            drafts: {{prefix: drafts/, expiration: 30d, noncurrentVersionExpiration: 1d}}
        ---
        {API}
        kind: Identity
        metadata: {{name: reader}}
        spec: {{needs: [{{bucket: reports, access: [get]}}]}}
        """,
}
RULE = ("spec", "lifecycleRule", 0)
LEAVES: dict[tuple[str | int, ...], set[str]] = {
    ("spec", "region"): {"eu-central-1"},
    ("spec", "bucketName"): {"all-reports", "stage-"},
    ("spec", "versioning"): {"Suspended"},
    ("spec", "sseAlgorithm"): {"SSE-KMS"},
    ("spec", "bucketKeyEnabled"): {"SSE-KMS"},
    (*RULE, "id"): {"drafts"},
    (*RULE, "filter", 0, "prefix"): {"drafts/"},
    (*RULE, "expiration", 0, "days"): {"30d"},
    (*RULE, "noncurrentVersionExpiration", 0, "noncurrentDays"): {"1d"},
    ("spec", "lifecycleRule", 1, "abortIncompleteMultipartUpload", 0, "daysAfterInitiation"): {"3d"},
}
CONVENTIONS: dict[tuple[str | int, ...], str] = {
    ("spec", "deletionPolicy"): "language-defaults",
    (*RULE, "status"): "language-defaults",
    ("spec", "lifecycleRule", 1, "id"): "language-defaults",
}


@pytest.fixture(scope="module")
def explainer(tmp_path_factory: pytest.TempPathFactory) -> Explainer:
    """A platform with one bucket."""
    root: Path = tmp_path_factory.mktemp("platform")
    for name, text in FILES.items():
        path = root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return Explainer(load_sources(Request(root, root / "specs", root / "rendered")), "production")


def texts(explainer: Explainer, found: Explanation) -> set[str]:
    """What stands at the origins of a value."""
    return {
        explainer.sources.texts[origin.at.path].split("\n")[origin.at.line - 1][
            origin.at.column - 1 : origin.at.end_column - 1
        ]
        for origin in found.origins
    }


@pytest.mark.parametrize("path", LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_origins(explainer: Explainer, path: tuple[str | int, ...]) -> None:
    """Exactly these scalars of the spec."""
    (found,) = explainer.explain("app-aws/app/bucket-reports.yaml", path)
    assert texts(explainer, found) == LEAVES[path]


@pytest.mark.parametrize("path", CONVENTIONS, ids=lambda path: ".".join(map(str, path)))
def test_conventions(explainer: Explainer, path: tuple[str | int, ...]) -> None:
    """Nobody wrote it."""
    (found,) = explainer.explain("app-aws/app/bucket-reports.yaml", path)
    assert found.convention is not None
    assert found.convention.id == CONVENTIONS[path]


def test_a_policy(explainer: Explainer) -> None:
    """The word, the bucket and the action."""
    (found,) = explainer.explain("app-aws/app/identity-reader.yaml", ("spec", "policyDocument"))
    assert [(one.kind, one.word, one.targets, one.actions) for one in found.access] == [
        ("bucket", "get", ("reports",), ("s3:GetObject",))
    ]
    assert {"all-reports", "stage-", "get"} <= texts(explainer, found)
