"""lower: from the graph to the objects that Argo CD syncs."""

from platformc.lower.lower import lower
from platformc.lower.manifest import Manifest, ObjectId

__all__ = [
    "Manifest",
    "ObjectId",
    "lower",
]
