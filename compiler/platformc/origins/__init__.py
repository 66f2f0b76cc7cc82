"""origins: from a place in the output back to the place in the spec that it came from."""

from platformc.origins.anchor import Anchor
from platformc.origins.marked import marked

__all__ = ["Anchor", "marked"]
