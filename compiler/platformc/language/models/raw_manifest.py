"""RawManifest: objects that have no kind in the language."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, PlainValidator, WithJsonSchema

from platformc.language.models.base import DocumentSpec, problem
from platformc.language.models.labels import Labels
from platformc.language.models.pod import Need
from platformc.language.models.types import TemplateTree
from platformc.rules.fields import MISSING_FIELD, WRONG_TYPE


def _object(value: Any) -> TemplateTree:
    if not isinstance(value, dict):
        raise problem(WRONG_TYPE, "expected a Kubernetes object here")
    name = value.get("metadata", {}).get("name") if isinstance(value.get("metadata"), dict) else None
    missing = [
        field
        for field, given in (
            ("apiVersion", value.get("apiVersion")),
            ("kind", value.get("kind")),
            ("metadata.name", name),
        )
        if not isinstance(given, str) or not given
    ]
    if missing:
        raise problem(MISSING_FIELD, f"the object needs {' and '.join(missing)}")
    return TemplateTree(value)


RawObject = Annotated[TemplateTree, PlainValidator(_object), WithJsonSchema({"type": "object"})]


class RawManifestSpec(DocumentSpec):
    """Plain Kubernetes objects; references in their text are replaced."""

    objects: Annotated[tuple[RawObject, ...], Field(min_length=1)]
    """The objects."""
    needs: tuple[Need, ...] = ()
    """What the pods inside them use."""
    pod_labels: Labels = {}
    """The labels of those pods, for their NetworkPolicy."""
