"""Files of sealed values, changed key by key: what was asked for changes, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from platformc.diagnostics import ToolError
from platformc.seal.sealed_text import FIELDS, Entry, changed_text, new_text

IDENTITY = ("app", "db")
HEAD = """\
# who may change this: see the wiki
apiVersion: platformc.dev/v1alpha1
kind: SealedValues
metadata: {name: db, namespace: app, environment: production}   # bound to these
spec:
"""
BLOCK = (
    HEAD
    + """\
  scope: strict      # everything here

  # the login
  keys:
    # from the portal, ask Ops
    token:
      # second one this year
      revision: 2    # after the leak
      certificateFingerprint: SHA256:old
      # not for eyes
      ciphertext: AgOLD   # until May
      public: readable

    user:
      revision: 1
      certificateFingerprint: SHA256:old
      ciphertext: AgUSER
  # the end
"""
)
FLOW = (
    HEAD
    + "  keys:\n    token: {revision: 2, certificateFingerprint: 'SHA256:old', ciphertext: AgOLD, public: x}   # flow\n"
)
NEW = Entry(3, "SHA256:new", "strict", "app", "db", "AgNEW+/=", None)


def keys(text: str) -> dict[str, Any]:
    """What a reader finds."""
    found: dict[str, Any] = yaml.safe_load(text)["spec"]["keys"]
    return found


def test_comments_and_other_keys_stay() -> None:
    """Values change in place, new fields come where they belong, what is gone is gone."""
    made = changed_text("f", BLOCK, IDENTITY, {"token": NEW}, frozenset())
    assert made is not None
    assert keys(made) == {"token": NEW.data, "user": keys(BLOCK)["user"]}
    assert re.findall(r"#.*", made) == re.findall(r"#.*", BLOCK)
    assert made.partition("    user:")[2] == BLOCK.partition("    user:")[2]
    assert made.partition("    token:")[0] == BLOCK.partition("    token:")[0]
    assert list(keys(made)["token"]) == [name for name in FIELDS if name != "public"]


def test_a_key_is_added_behind_the_others() -> None:
    """At their indentation; what stands behind the last one stays behind."""
    made = changed_text("f", BLOCK, IDENTITY, {"more": NEW}, frozenset())
    assert made is not None
    assert keys(made) == {**keys(BLOCK), "more": NEW.data}
    assert made.endswith("  # the end\n")


def test_a_key_is_removed_with_its_lines() -> None:
    """None is left of a file without keys."""
    made = changed_text("f", BLOCK, IDENTITY, {}, frozenset({"token"}))
    assert made is not None
    assert keys(made) == {"user": keys(BLOCK)["user"]}
    assert changed_text("f", BLOCK, IDENTITY, {}, frozenset({"token", "user"})) is None


def test_a_key_in_braces_stays_there() -> None:
    """Written by hand in one line, it stays one line."""
    made = changed_text("f", FLOW, IDENTITY, {"token": NEW}, frozenset())
    assert made is not None
    assert made.count("\n") == FLOW.count("\n")
    assert {name: value for name, value in keys(made)["token"].items() if value is not None} == NEW.data
    assert made.endswith("   # flow\n")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "  keys: {token: {revision: 1}}\n",
        HEAD + "  keys: {}\n",
        HEAD + "  other: 1\n",
        HEAD.replace("name: db", "name: other") + "  keys:\n    token: {revision: 1}\n",
        HEAD + "  keys:\n    token: {revision: 2,\n      ciphertext: A}\n    - broken\n",
    ],
)
def test_what_cannot_be_changed_in_place_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ToolError, match="in place"):
        changed_text("f", text, IDENTITY, {"token": NEW, "more": NEW}, frozenset())


def test_a_file_without_a_last_line_break_gets_one() -> None:
    """The next key would else stand in the same line."""
    made = changed_text("f", BLOCK.rpartition("  # the end")[0].rstrip("\n"), IDENTITY, {"more": NEW}, frozenset())
    assert made is not None
    assert keys(made)["more"] == NEW.data


ENTRIES = st.builds(
    Entry,
    revision=st.integers(1, 10**6),
    certificate_fingerprint=st.sampled_from(["SHA256:abc+/", "unknown"]),
    scope=st.sampled_from(["strict", "namespace-wide", "cluster-wide"]),
    namespace=st.just("app"),
    name=st.sampled_from(["db", "true", "1e3", "0123"]),
    ciphertext=st.from_regex(r"A[A-Za-z0-9+/]{0,300}={0,2}", fullmatch=True),
    public=st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
)
NAMES = st.from_regex(r"[-._a-zA-Z0-9]{1,12}", fullmatch=True)
FILES = st.dictionaries(NAMES, ENTRIES, min_size=1, max_size=6)


@given(first=FILES, second=FILES, data=st.data())
def test_whatever_is_written_can_be_changed(
    first: dict[str, Entry], second: dict[str, Entry], data: st.DataObject
) -> None:
    """Any entries into any file of ours, with comments anywhere between the lines."""
    lines = new_text(*IDENTITY, "production", first).splitlines(keepends=True)
    places = data.draw(st.lists(st.integers(7, len(lines)), max_size=4))
    for number, place in enumerate(sorted(places, reverse=True)):
        lines.insert(place, f"      # comment {number}\n")
    removed = frozenset(data.draw(st.sets(st.sampled_from(sorted(first))))) - second.keys()
    made = changed_text("f", "".join(lines), IDENTITY, second, removed)
    wanted = {key: entry.data for key, entry in {**first, **second}.items() if key not in removed}
    assert (keys(made) if made is not None else {}) == wanted
    if not removed and made is not None:
        assert made.count("# comment") == len(places)
