"""packages: what Compositions call and compose, checked against the packages of crossplane/.

In      the objects of crossplane/, as written.
Out     a finding for each function and each managed kind without a package here.
Finds   composition-without-package.
Never   reports anything if crossplane/ has no package of that kind: then they are installed elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from platformc.check.claim_api.source_object import SourceObject
from platformc.check.policies.object_fields import below, mapping, sequence
from platformc.diagnostics import Finding
from platformc.rules.crossplane import COMPOSITION_WITHOUT_PACKAGE

SERVICE = re.compile(r"([a-z0-9-]+)\.aws(?:\.m)?\.upbound\.io/")
"""The service in a group of provider-upjet-aws, which has a package for each: `provider-aws-<service>`."""
PROVIDER = "provider-aws-"


def check_packages(objects: Sequence[SourceObject]) -> Iterator[Finding]:
    """Each function and each AWS service once in a Composition, in the order of its pipeline."""
    functions = [source_object.name for source_object in objects if source_object.data.get("kind") == "Function"]
    services = [service for source_object in objects if (service := _service_of(source_object))]
    for source_object in objects:
        if source_object.data.get("kind") == "Composition":
            yield from _functions(source_object, functions)
            yield from _services(source_object, services)


def _service_of(source_object: SourceObject) -> str:
    """The AWS service of a Provider; empty for any other object.

    The name of a package is the last part of its address, without version or digest.
    """
    if source_object.data.get("kind") != "Provider":
        return ""
    package = str(below(source_object.data, "spec", "package")).partition("@")[0].rpartition("/")[2].partition(":")[0]
    return package.removeprefix(PROVIDER) if package.startswith(PROVIDER) else ""


def _functions(source_object: SourceObject, known: Sequence[str]) -> Iterator[Finding]:
    for position, step in enumerate(sequence(below(source_object.data, "spec", "pipeline"))):
        name = below(mapping(step), "functionRef", "name")
        if known and isinstance(name, str) and name not in known:
            at = ("spec", "pipeline", position, "functionRef", "name")
            hint = f"add a Function with the name {name}; known are: {', '.join(known)}"
            yield COMPOSITION_WITHOUT_PACKAGE.at(
                source_object.at(at), f"there is no Function {name} in crossplane/", hint
            )


def _services(source_object: SourceObject, known: Sequence[str]) -> Iterator[Finding]:
    told: set[str] = set()
    for step, of_step in enumerate(sequence(below(source_object.data, "spec", "pipeline"))):
        resources = sequence(below(mapping(of_step), "input", "resources"))
        for position, resource in enumerate(resources):
            match = SERVICE.match(str(below(mapping(resource), "base", "apiVersion")))
            if not known or match is None or match[1] in known or match[1] in told:
                continue
            told.add(match[1])
            at = ("spec", "pipeline", step, "input", "resources", position, "base", "apiVersion")
            kind = below(mapping(resource), "base", "kind")
            message = f"there is no Provider in crossplane/ for {kind} of {match[1]}"
            hint = f"add a Provider with the package {PROVIDER}{match[1]}, in the same version as the others"
            yield COMPOSITION_WITHOUT_PACKAGE.at(source_object.at(at), message, hint)
