"""lower: from the graph to the objects that Argo CD syncs."""

from platformc.lower.lower import lower, lower_document
from platformc.lower.manifest import Manifest, ObjectId
from platformc.lower.restarts import with_restarts

__all__ = [
    "Manifest",
    "ObjectId",
    "lower",
    "lower_document",
    "with_restarts",
]
