"""Documents of a small spec as text, for tests that write one."""

from __future__ import annotations

API = "apiVersion: platformc.dev/v1alpha1"
IMAGE = "ghcr.io/example/app:1.0.0@sha256:5f3c1a0d9b7e4c2f8a6d1e0b3c5f7a9d2e4b6c8f0a1d3e5b7c9f2a4d6e8b0c13"
POD = f"image: {IMAGE}, resources: {{cpu: 1m, memory: 1Mi}}, securityContext: {{runAsUser: 1}}, probes: none"

PLATFORM = f"""\
{API}
kind: Platform
metadata: {{name: example}}
spec:
  git: {{repoURL: "https://github.com/example/platform.git"}}
  kubernetes: {{version: "1.34"}}
  aws: {{region: eu-central-1, accountID: "123456789012"}}
"""
ENVIRONMENT = f"""\
{API}
kind: Environment
metadata: {{name: production}}
spec:
  destination: {{name: production}}
"""


def document(kind: str, name: str, spec: str = "") -> str:
    """One document; `spec` is what stands between the braces."""
    return f"---\n{API}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


def workload(name: str, spec: str = "ports: {main: 80}") -> str:
    """A Workload with what it cannot be without."""
    return document("Workload", name, f"{POD}, {spec}" if spec else POD)


def application(name: str, namespace: str = "") -> str:
    """An Application with a namespace of its own, or with another one's."""
    create = "true" if namespace in {"", name} else "false"
    return document("Application", name, f"namespace: {{name: {namespace or name}, create: {create}}}")
