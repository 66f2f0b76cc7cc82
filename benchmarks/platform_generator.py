"""platform_generator: write a platform of N components as the spec of platformc, and as the input of other tools.

In      the number of components and of environments.
Out     below one folder: platformc/specs, kustomize/, helm/, jsonnet/ and cdk8s/.
Never   runs a tool. The programs for helm, jsonnet and cdk8s are written by hand and stand in programs/;
        only their data is written here.
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from benchmarks.components import KINDS, PORT, Component, components, objects

JSON = Any

PROGRAMS = Path(__file__).resolve().parent / "programs"
SHARED_LABELS = ("app", "app.kubernetes.io/managed-by", "app.kubernetes.io/name", "app.kubernetes.io/part-of")


def write_platform(folder: Path, count: int, environments: int = 1) -> None:
    """Write `count` components for platformc, in as many environments, each with all of them."""
    every = components(count)
    _write_yaml(folder / "specs/platform.yaml", [_document("Platform", "benchmark", _platform())])
    for name in environment_names(environments):
        spec: JSON = {"destination": {"name": name}}
        if environments > 1:
            spec["argocd"] = {"namePrefix": f"{name}-"}
        _write_yaml(folder / f"specs/environments/{name}.yaml", [_document("Environment", name, spec)])
    for application, members in groupby(every, key=lambda component: component.application):
        listed = list(members)
        spec = {"namespace": {"name": listed[0].namespace}}
        _write_yaml(folder / f"specs/{application}/application.yaml", [_document("Application", application, spec)])
        for component in listed:
            _write_yaml(spec_file(folder, component), list(_documents(component)))


def write_inputs(folder: Path, count: int) -> None:
    """Write the same components for every tool. The folder must not exist."""
    every = components(count)
    folder.mkdir(parents=True)
    write_platform(folder / "platformc", count)
    for tool in ("helm", "jsonnet", "cdk8s"):
        shutil.copytree(PROGRAMS / tool, folder / tool)
    values = [_values(component) for component in every]
    (folder / "helm/values.yaml").write_text(_dumped({"components": values}), encoding="utf-8")
    (folder / "jsonnet/components.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    (folder / "cdk8s/components.json").write_text(json.dumps(values, indent=1), encoding="utf-8")
    for component in every:
        _write_kustomize(folder / "kustomize" / component.name, component)


def environment_names(count: int) -> tuple[str, ...]:
    """The names of the first `count` environments; the first is `production`."""
    return ("production", *(f"region{number:02d}" for number in range(1, count)))


def spec_file(folder: Path, component: Component) -> Path:
    """The one file that a component is written in, for platformc."""
    return folder / "specs" / component.application / f"{component.name}.yaml"


def _platform() -> JSON:
    return {"git": {"repoURL": "https://example.com/platform.git"}, "kubernetes": {"version": "1.34"}}


def _documents(component: Component) -> Iterator[JSON]:
    """The Config and the Workload of a component."""
    data = {"name": component.name, "limits": {"requests": component.number, "burst": 20}}
    yield _document("Config", component.name, {"files": {"settings.toml": {"format": "toml", "data": data}}})
    workload: dict[str, JSON] = {
        "image": component.image,
        "replicas": 1,
        "resources": {"cpu": "100m..500m", "memory": "128Mi..256Mi"},
        "ports": {"http": PORT},
        "securityContext": {"runAsUser": 1000},
        "probes": {"liveness": "/healthz", "readiness": "/ready"},
        "scratch": ["/tmp"],  # noqa: S108 - a path in a container
        "env": {"LOG_LEVEL": "info", "PORT": f"${{workload.{component.name}.ports.http}}"},
        "mounts": {"/etc/settings.toml": {"config": component.name, "key": "settings.toml"}},
    }
    if component.calls:
        workload["needs"] = [{"workload": component.calls, "port": "http"}, {"internet": {"ports": [443]}}]
    yield _document("Workload", component.name, workload)


def _document(kind: str, name: str, spec: JSON) -> JSON:
    return {"apiVersion": "platformc.dev/v1alpha1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def _values(component: Component) -> JSON:
    """What tells one component from another, for tools that are given a program and values."""
    return {
        "name": component.name,
        "number": component.number,
        "application": component.application,
        "namespace": component.namespace,
        "image": component.image,
        "calls": component.calls,
        "calledBy": component.called_by,
    }


def _write_kustomize(folder: Path, component: Component) -> None:
    """A base with what the component is, and an overlay with what belongs to the place it runs in."""
    files = []
    for kind, manifest in zip(KINDS, objects(component), strict=True):
        if kind == "ConfigMap":
            generator = {
                "name": component.name,
                "files": ["settings.toml"],
                "options": {
                    "labels": _own_labels(manifest),
                    "annotations": manifest["metadata"]["annotations"],
                    "disableNameSuffixHash": True,
                },
            }
            continue
        files.append(f"{kind.lower()}.yaml")
        _write_yaml(folder / "base" / files[-1], [_without_place(manifest)])
    (folder / "base/settings.toml").write_text(component.settings, encoding="utf-8")
    base = {**_kustomization(), "resources": files, "configMapGenerator": [generator]}
    _write_yaml(folder / "base/kustomization.yaml", [base])
    name, _, version = component.image.partition(":")
    tag, _, digest = version.partition("@")
    shared = {key: objects(component)[0]["metadata"]["labels"][key] for key in SHARED_LABELS}
    overlay = {
        **_kustomization(),
        "namespace": component.namespace,
        "resources": ["../../base"],
        "labels": [{"pairs": shared, "includeTemplates": True}],
        "images": [{"name": name, "newTag": tag, "digest": digest}],
        "replicas": [{"name": component.name, "count": 1}],
    }
    _write_yaml(folder / "overlays/production/kustomization.yaml", [overlay])


def _kustomization() -> JSON:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


def _own_labels(manifest: JSON) -> JSON:
    return {key: value for key, value in manifest["metadata"]["labels"].items() if key not in SHARED_LABELS}


def _without_place(manifest: JSON) -> JSON:
    """An object without what its overlay adds: namespace, shared labels, tag and digest, the number of replicas."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
    stripped = {**manifest, "metadata": {**metadata, "labels": _own_labels(manifest)}}
    if manifest["kind"] != "Deployment":
        return stripped
    template = manifest["spec"]["template"]
    pod = template["spec"]
    containers = [{**each, "image": each["image"].partition(":")[0]} for each in pod["containers"]]
    outer = {key: value for key, value in manifest["spec"].items() if key != "replicas"}
    inner = {
        "metadata": {**template["metadata"], "labels": _own_labels(template)},
        "spec": {**pod, "containers": containers},
    }
    return {**stripped, "spec": {**outer, "template": inner}}


def _write_yaml(path: Path, documents: Sequence[JSON]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\n".join(_dumped(document) for document in documents), encoding="utf-8")


def _dumped(document: JSON) -> str:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False, width=1000)


def main() -> None:
    """Write all inputs to the folder that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.platform_generator", description=main.__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="must not exist")
    parser.add_argument("--components", type=int, default=1000, metavar="N")
    parser.add_argument("--environments", type=int, default=1, metavar="N", help="more than one: for platformc alone")
    arguments = parser.parse_args()
    if arguments.environments > 1:
        write_platform(arguments.folder / "platformc", arguments.components, arguments.environments)
    else:
        write_inputs(arguments.folder, arguments.components)


if __name__ == "__main__":
    main()
