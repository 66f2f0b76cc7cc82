"""What a rule's page shows as wrong is found by that rule, in a small platform around the example."""

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent, indent

import pytest
from platformc.check.policies import POLICIES
from platformc.pipeline import Request, compile_environment, load_sources
from platformc.rules.registry import LANGUAGE_RULES

BLOCK = re.compile(r"## Example\n```yaml\n(.*?)```", re.DOTALL)
EXAMPLES = {rule.id: (rule.family, found[1]) for rule in LANGUAGE_RULES if (found := BLOCK.search(rule.page))}
HEAD = "apiVersion: platformc.dev/v1alpha1\n"
POD = "image: ghcr.io/example/bot:1.4.2\nsecurityContext: {runAsUser: 1000}\n"

PLATFORM = """\
apiVersion: platformc.dev/v1alpha1
kind: Platform
metadata: {name: chat}
spec:
  git: {repoURL: "https://github.com/example/platform.git"}
  kubernetes: {version: "1.34"}
  aws: {region: eu-central-1, accountID: "123456789012"}
  valuesSchema:
    domain: {type: string, default: chat.example.com}
    hosts: {type: array, default: [a, b]}
"""
ENVIRONMENT = """\
apiVersion: platformc.dev/v1alpha1
kind: Environment
metadata: {name: production}
spec:
  destination: {name: chat}
"""
APPLICATION = """\
apiVersion: platformc.dev/v1alpha1
kind: Application
metadata: {name: chat}
spec:
  namespace: {name: chat}
"""
AROUND = """\
apiVersion: platformc.dev/v1alpha1
kind: Workload
metadata: {name: rabbitmq}
spec:
  image: docker.io/library/rabbitmq:4.1.0
  securityContext: {runAsUser: 999}
  ports: {amqp: 5672, http: 15672}
---
apiVersion: platformc.dev/v1alpha1
kind: Workload
metadata: {name: discord-bot}
spec:
  image: ghcr.io/example/bot:1.4.2
  securityContext: {runAsUser: 1000}
  env: {DEBUG: "1"}
---
apiVersion: platformc.dev/v1alpha1
kind: Job
metadata: {name: create-buckets}
spec:
  image: quay.io/minio/mc:RELEASE.2025-08-13T08-35-41Z
  securityContext: {runAsUser: 1000}
---
apiVersion: platformc.dev/v1alpha1
kind: Table
metadata: {name: sessions}
spec:
  hashKey: {name: id, type: S}
---
apiVersion: platformc.dev/v1alpha1
kind: Queue
metadata: {name: events}
spec: {}
---
apiVersion: platformc.dev/v1alpha1
kind: Config
metadata: {name: stoat}
spec:
  files: {Revolt.toml: {text: "a = 1"}}
"""


def _in(kind: str, before: str = "") -> Callable[[str], dict[str, str]]:
    """The example is a part of the `spec` of a document."""

    def files(example: str) -> dict[str, str]:
        document = f"{HEAD}kind: {kind}\nmetadata: {{name: one}}\nspec:\n{indent(before + example, '  ')}"
        return {"chat/example.yaml": document}

    return files


def _documents(example: str) -> dict[str, str]:
    """The example is one or several whole documents, without their apiVersion."""
    parts = [part if "apiVersion" in part else HEAD + part for part in re.split(r"^---\n", example, flags=re.MULTILINE)]
    return {"chat/example.yaml": "---\n".join(parts)}


def _environment(example: str) -> dict[str, str]:
    """The example is a part of the environment's `spec`."""
    part = dedent(example.removeprefix("spec:\n"))
    return {
        "environments/production.yaml": ENVIRONMENT + indent(part, "  "),
        "stoat/application.yaml": APPLICATION.replace("chat", "stoat"),
    }


def _platform(example: str) -> dict[str, str]:
    """The example takes the place of a part of the Platform's `spec`."""
    name = example.partition(":")[0]
    kept = re.sub(rf"^  {name}:.*\n(?:    .*\n)*", "", PLATFORM, flags=re.MULTILINE)
    given = ENVIRONMENT + "  values: {domain: chat.example.com}\n"
    return {"platform.yaml": kept + indent(example, "  "), "environments/production.yaml": given}


WITH_IMAGE = _in("Workload", POD)
AROUND_EXAMPLES: dict[str, Callable[[str], dict[str, str]]] = {
    **dict.fromkeys(
        [
            "identity-missing",
            "invalid-cidr",
            "invalid-mount",
            "invalid-path",
            "invalid-probe",
            "invalid-quantity",
            "kubernetes-api-missing",
            "missing-access",
            "mount-clash",
            "need-without-effect",
            "port-clash",
            "port-unclear",
            "probe-port",
            "reference-in-text",
            "reference-syntax",
            "request-above-limit",
            "unknown-access",
            "unknown-volume",
            "variable-cycle",
            "wrong-type",
            "config-in-text",
            "allow-impossible",
            "allow-unknown-rule",
            "invalid-need",
            "unknown-profile",
            "patch-finds-nothing",
            "patch-refused",
        ],
        WITH_IMAGE,
    ),
    **dict.fromkeys(("allow-unused", "invalid-containers"), _in("Workload", "securityContext: {runAsUser: 1000}\n")),
    **dict.fromkeys(
        [
            "container-clash",
            "duplicate-document",
            "invalid-document",
            "invalid-external-service",
            "invalid-name",
            "invalid-value",
            "missing-field",
            "order-cycle",
            "profile-cycle",
            "profile-unused",
            "restart-cycle",
            "secret-not-sealed",
            "secret-key-unused",
            "unknown-field",
            "unknown-kind",
            "duplicate-object",
        ],
        _documents,
    ),
    **dict.fromkeys(
        ["invalid-aws-name", "override-names-nothing", "override-left-out", "overlay-removes-nothing", "unknown-value"],
        _environment,
    ),
    **dict.fromkeys(("invalid-account", "invalid-values-schema"), _platform),
    "invalid-duration": _in("Queue"),
    "outside-aws-limits": _in("Queue"),
    "invalid-queue": _in("Queue"),
    "invalid-tag": _in("Queue"),
    "invalid-statement": _in("Identity"),
    "invalid-table": _in("Table", "hashKey: {name: id, type: S}\n"),
    "invalid-index": _in("Table", "hashKey: {name: id, type: S}\n"),
    "invalid-file": _in("Config"),
    "invalid-generate": _in("Secret"),
    "invalid-version": _in("Addon", 'repoURL: "https://example.com"\nchart: one\nnamespace: one\n'),
}
"""Rule -> how its example becomes files of a platform."""


def _found(folder: Path, files: dict[str, str]) -> set[str]:
    around = {
        "platform.yaml": PLATFORM,
        "environments/production.yaml": ENVIRONMENT,
        "chat/application.yaml": APPLICATION,
        "chat/around.yaml": AROUND,
    }
    for name, text in (around | files).items():
        path = folder / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    sources = load_sources(Request(folder, folder / "specs", folder / "rendered"))
    found = [*sources.findings]
    for environment in sources.environments:
        found += compile_environment(sources, environment).findings
    return {finding.rule for finding in found}


def test_the_platform_around_is_sound(tmp_path: Path) -> None:
    """What the tests below find comes from the example."""
    assert _found(tmp_path, {}) <= {policy.rule.id for policy in POLICIES}


@pytest.mark.parametrize("rule", sorted(AROUND_EXAMPLES))
def test_the_example_is_found_by_its_rule(rule: str, tmp_path: Path) -> None:
    """The page and the compiler mean the same."""
    assert rule in _found(tmp_path, AROUND_EXAMPLES[rule](EXAMPLES[rule][1]))
