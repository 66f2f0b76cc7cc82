"""marked: a copy of a Platform whose scalars remember the nodes they were read from.

In      a Platform.
Out     an equal Platform; texts and whole numbers in it are subclasses that carry their nodes.
Never   validates again: pydantic would convert the subclasses back to plain values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from platformc.language import DocumentId, Platform, Resource
from platformc.language.models.base import FLATTENED
from platformc.language.models.types import Template, TemplateTree
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, at, child
from platformc.language.origin import mark
from platformc.language.validate import aliases


def marked(platform: Platform) -> Platform:
    """The same Platform with marked scalars."""
    applications = {one.name: one for one in platform.resources if one.id.kind == "Application"}
    platform_resource = _resource(platform.platform, applications)
    name = at(platform.target_node, ("metadata", "name"))
    return replace(
        platform,
        is_marked=True,
        environment=_value(platform.environment, name),
        settings=platform_resource.spec,
        platform=platform_resource,
        target=_value(platform.target, platform.target_node.entries.get("spec")),
        resources=tuple(_resource(resource, applications) for resource in platform.resources),
        claim_api=tuple(map(_value, platform.claim_api, platform.claim_api_nodes)),
        sealed={key: _resource(resource, applications) for key, resource in platform.sealed.items()},
    )


def _resource(resource: Resource[Any], applications: dict[str, Resource[Any]]) -> Resource[Any]:
    """A resource whose id and namespace remember where they were set: by itself, or by its application."""
    own = applications.get(resource.name if resource.id.kind == "Application" else resource.id.application)
    application, namespace = resource.id.application, resource.namespace
    if own is not None:
        application = _value(application, at(own.node, ("metadata", "name")))
        namespace = _value(namespace, at(own.node, ("spec", "namespace", "name")))
    if (given := at(resource.node, ("metadata", "namespace"))) is not None:
        namespace = _value(resource.namespace, given)
    name = _value(resource.id.name, at(resource.node, ("metadata", "name")))
    return replace(
        resource,
        id=DocumentId(resource.id.kind, application, name),
        metadata=_value(resource.metadata, resource.node.entries.get("metadata")),
        spec=_value(resource.spec, resource.node.entries.get("spec")),
        namespace=namespace,
    )


def _value(value: Any, node: Node | None) -> Any:
    """The value with every scalar of the node marked; defaults stay as they are."""
    if node is None or value is None:
        return value
    if isinstance(value, Template):
        return Template(_value(value.text, node))
    if isinstance(value, TemplateTree):
        return TemplateTree(_value(value.value, node))
    if isinstance(node, Scalar):
        return mark(value, (node,))
    return _collection(value, node)


def _collection(value: Any, node: Mapping | Sequence) -> Any:
    if isinstance(value, BaseModel):
        changes = {
            attribute: _value(getattr(value, attribute), below)
            for alias, attribute in aliases(type(value)).items()
            if (below := node if alias == FLATTENED else child(node, alias)) is not None
        }
        return value.model_copy(update=changes)
    if isinstance(value, dict) and isinstance(node, Mapping):
        return {
            mark(key, (Scalar(key, node.keys[key]),)) if key in node.keys else key: _value(below, node.entries.get(key))
            for key, below in value.items()
        }
    if isinstance(value, tuple | list) and isinstance(node, Sequence):
        return type(value)(_value(item, child(node, position)) for position, item in enumerate(value))
    return value
