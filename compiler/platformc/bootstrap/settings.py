"""Settings: what Argo CD must know about us, as ConfigMaps.

In      argocd/ beside the specs: health checks in Lua, settings, exclusions; the definitions of the claim API.
Out     two ConfigMaps with only our keys, to be merged into Argo CD's own by server-side apply or kustomize.
Finds   what the reader of YAML finds; invalid-argocd-settings.
Never   is part of `rendered/`: one Argo CD has one set of settings, however many environments it serves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from platformc.canonical_yaml import emit
from platformc.diagnostics import FindingsError, Span
from platformc.language import read_documents, read_source
from platformc.language.nodes import plain
from platformc.rules.files import INVALID_ARGOCD_SETTINGS

HEALTH = "resource.customizations.health"
CLAIM_CHECK = "claim"
CHECKS = (
    ("argoproj.io_Application", "application"),
    ("bitnami.com_SealedSecret", "sealed-secret"),
    ("apiextensions.crossplane.io_CompositeResourceDefinition", "crossplane"),
    ("pkg.crossplane.io_Function", "crossplane"),
    ("pkg.crossplane.io_Provider", "crossplane"),
)
"""Kinds as in argocd-cm, and their health checks. The check `claim` is for each kind of claim."""
MAPS = ("argocd-cm", "argocd-cmd-params-cm")
"""The ConfigMaps, each named after its file in argocd/settings."""
EXCLUSIONS = ("default-exclusions", "exclusions")


def settings(folder: Path, name: str, claim_api: Sequence[Mapping[str, Any]], namespace: str) -> list[dict[str, Any]]:
    """The ConfigMaps of Argo CD's settings, in the order of MAPS.

    `folder` is argocd/, and findings show it as `name`; `claim_api` has the definitions as plain
    data. Raises FindingsError if a file is missing or is not what its name says.
    """
    made = {file: _data(folder, name, file) for file in MAPS}
    checks = {f"{HEALTH}.{kind}": _lua(folder, name, check) for kind, check in CHECKS}
    claim = _lua(folder, name, CLAIM_CHECK)
    checks |= {f"{HEALTH}.{kind}": claim for kind in claim_kinds(claim_api)}
    excluded = [entry for file in EXCLUSIONS for entry in _entries(folder, name, file)]
    made["argocd-cm"] |= {**checks, "resource.exclusions": _listed(excluded)}
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {
                "name": file,
                "namespace": namespace,
                # Argo CD finds its own ConfigMaps by this label.
                "labels": {"app.kubernetes.io/name": file, "app.kubernetes.io/part-of": "argocd"},
            },
            "data": dict(sorted(data.items())),
        }
        for file, data in made.items()
    ]


def claim_kinds(claim_api: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each kind of claim as in argocd-cm, `aws.platformc.dev_Table`; the older form has separate names for claims."""
    for definition in claim_api:
        if definition.get("kind") == "CompositeResourceDefinition":
            spec = definition.get("spec", {})
            kind = (spec.get("claimNames") or spec.get("names") or {}).get("kind")
            yield f"{spec.get('group')}_{kind}"


def _lua(folder: Path, name: str, check: str) -> str:
    return _text(folder / "health" / f"{check}.lua", f"{name}/health/{check}.lua")


def _data(folder: Path, name: str, file: str) -> dict[str, str]:
    place = f"{name}/settings/{file}.yaml"
    data = _document(folder / "settings" / f"{file}.yaml", place).get("data")
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise _invalid(place, "`data` is not a map of text values", "quote numbers: a ConfigMap contains text only")
    return data


def _entries(folder: Path, name: str, file: str) -> list[Any]:
    place = f"{name}/settings/{file}.yaml"
    entries = _document(folder / "settings" / f"{file}.yaml", place).get("exclusions")
    if not isinstance(entries, list):
        raise _invalid(place, "`exclusions` is not a list", "write it as Argo CD does in resource.exclusions")
    return entries


def _listed(entries: Sequence[Any]) -> str:
    """A list as YAML text. The writer writes maps, so the list is the only value of one, without its indentation."""
    return emit({"exclusions": list(entries)}).removeprefix("exclusions:\n")


def _document(path: Path, place: str) -> dict[str, Any]:
    source, findings = read_source(path, place)
    if source is None:
        raise FindingsError(findings)
    documents, findings, _ = read_documents(source)
    if findings:
        raise FindingsError(findings)
    data = plain(documents[0].root) if len(documents) == 1 else None
    if not isinstance(data, dict):
        raise _invalid(place, "not a single document with a map")
    return data


def _text(path: Path, place: str) -> str:
    source, findings = read_source(path, place)
    if source is None:
        raise FindingsError(findings)
    return source.text


def _invalid(place: str, message: str, hint: str = "") -> FindingsError:
    return FindingsError([INVALID_ARGOCD_SETTINGS.at(Span(place), message, hint)])
