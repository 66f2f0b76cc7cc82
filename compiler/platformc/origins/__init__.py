"""origins: from a place in the output back to the place in the spec that it comes from."""

from platformc.origins.marked import marked
from platformc.origins.places import Places

__all__ = ["Places", "marked"]
