"""What building a tree promises: every manifest becomes one file, whatever the order."""

from collections.abc import Sequence

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import BugReport
from platformc.language.document import DocumentId
from platformc.lower.manifest import Manifest, ObjectId
from platformc.tree import build
from tree_samples import config

SAMPLES = (config("b", "1"), config("a", "2"), config("a", "3", "edge", "edge"), config("Root:x", "4", namespace=""))


def test_tree_holds_bytes_owner_and_identity() -> None:
    """A file knows what it is and which document caused it."""
    tree = build("production", SAMPLES)
    file = tree.files["edge/edge/configmap-a.yaml"]
    assert tree.environment == "production"
    assert yaml.safe_load(file.content) == SAMPLES[2].object
    assert (file.owner, file.id) == ("Config edge/a", ObjectId("", "ConfigMap", "edge", "a"))


@given(st.permutations(SAMPLES))
def test_order_of_manifests_does_not_matter(manifests: Sequence[Manifest]) -> None:
    """Files are sorted by path, and the same manifests give the same bytes."""
    tree = build("production", manifests)
    assert list(tree.files) == [
        "edge/edge/configmap-a.yaml",
        "stoat/_cluster/configmap-%52oot%3ax.yaml",
        "stoat/stoat/configmap-a.yaml",
        "stoat/stoat/configmap-b.yaml",
    ]
    assert tree == build("production", SAMPLES)


def test_one_identity_twice() -> None:
    """Two manifests of one object, in whatever applications, are a mistake of an earlier stage."""
    twice = (config("a", "1"), config("a", "2", "edge", "stoat"))
    with pytest.raises(BugReport, match="ConfigMap stoat/a was made twice: by Config stoat/a and by Config edge/a"):
        build("production", twice)


def test_what_cannot_be_written() -> None:
    """The report names object and document, and not the value, which may be secret."""
    with pytest.raises(BugReport, match="ConfigMap stoat/a of Config stoat/a cannot be written") as caught:
        build("production", [config("a", "secret\udc00")])
    assert "secret" not in caught.value.message


def test_what_has_no_place() -> None:
    """An object without an application has no folder."""
    nowhere = Manifest(config("a", "1").object, DocumentId("Config", "", "a"), "")
    with pytest.raises(BugReport, match="environment production has no path"):
        build("production", [nowhere])
