"""Which end-to-end tests run beside each other: the story has a cluster of its own, all others share one."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

STORY = "e2e/story/"


class StoryBesideTheRest(LoadScopeScheduling):
    """Two processes: the story, whose steps follow each other, and everything else, in the order of files.

    The story waits for most of its time, so two are faster than one even on two cores. Subclassing is the way
    pytest-xdist offers: docs/distribution.rst, `pytest_xdist_make_scheduler`.
    """

    def _split_scope(self, nodeid: str) -> str:
        """The part of the tests that a test belongs to."""
        return STORY if nodeid.startswith(STORY) else "the rest"
