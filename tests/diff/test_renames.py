"""Changes that are one rename are one entry of a report; any other change keeps its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from platformc.diff.renames import renamed_together
from platformc.diff.spec_changes import spec_changes
from snapshots import of_folder

HEAD = "apiVersion: platformc.dev/v1alpha1\n"
PLATFORM = """\
kind: Platform
metadata: {name: example}
spec:
  aws: {region: eu-central-1, accountId: "123456789012"}
  git: {url: https://example.com/platform.git, revision: main}
"""
STORE = "kind: Workload\nmetadata: {name: store}\nspec: {image: example.com/store:1, ports: {http: 80}}\n"
USER = "kind: Workload\nmetadata: {name: user}\nspec: {image: example.com/user:1, needs: [{workload: store}]}\n"
OTHER = "kind: Workload\nmetadata: {name: other}\nspec: {image: example.com/restore:1}\n"


def groups(tmp_path: Path, before: str, after: str) -> Mapping[str, str]:
    """Which documents belong together."""
    sources = []
    for name, documents in (("before", before), ("after", after)):
        folder = tmp_path / name / "specs" / "app"
        folder.mkdir(parents=True)
        (tmp_path / name / "specs" / "platform.yaml").write_text(HEAD + PLATFORM, encoding="utf-8")
        made = HEAD + "kind: Application\nmetadata: {name: app}\nspec: {namespace: {name: app, create: true}}\n"
        made += "".join(f"---\n{HEAD}{each}" for each in documents.split("---\n"))
        (folder / "application.yaml").write_text(made, encoding="utf-8")
        found = of_folder(tmp_path / name).sources
        assert found is not None
        sources.append(found)
    changes = spec_changes(*sources)
    assert changes.changes
    return renamed_together(changes.changes)


def joined(*documents: str) -> str:
    """Several documents of one file."""
    return "---\n".join(documents)


def test_a_document_and_what_names_it(tmp_path: Path) -> None:
    """They stand for one change of the author's."""
    after = joined(STORE, USER).replace("store}", "shop}")
    assert groups(tmp_path, joined(STORE, USER), after) == dict.fromkeys(
        ("Workload app/store", "Workload app/shop", "Workload app/user"), "Workload app/shop"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STORE, STORE.replace("store}", "shop}").replace("http: 80", "http: 81")),
        (joined(STORE, OTHER), joined(STORE, OTHER.replace("restore:1", "reshop:1"))),
        (STORE, joined(STORE, STORE.replace("store}", "shop}"))),
    ],
    ids=["changed-as-well", "part-of-a-word", "a-copy"],
)
def test_what_is_no_rename(tmp_path: Path, before: str, after: str) -> None:
    """Each keeps its own entry."""
    assert groups(tmp_path, before, after) == {}


def test_a_document_that_changes_in_another_way_too(tmp_path: Path) -> None:
    """It is not only renamed in."""
    after = joined(STORE, USER).replace("store}", "shop}").replace("user:1", "user:2")
    assert set(groups(tmp_path, joined(STORE, USER), after)) == {"Workload app/store", "Workload app/shop"}
