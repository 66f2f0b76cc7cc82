"""lower: from the graph to the objects that Argo CD syncs."""

from compiler.lower.lower import lower
from compiler.lower.manifest import Manifest, ObjectId

__all__ = ["Manifest", "ObjectId", "lower"]
