"""What the ownership index promises: it reads back, its diff is readable, and a broken one is a finding."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.tree import OwnedFile, parse_index
from platformc.tree.ownership import Index, OwnedEnvironment, dump_index

PATH = "rendered/.platformc/index.json"
ZERO = "0" * 64

GOLDEN = f"""\
{{
  "version": 1,
  "environments": {{
    "production": {{
      "unsealed": false,
      "files": {{
        "stoat/stoat/a.yaml": {{"sha256": "{ZERO}", "owner": "Config stoat/a"}},
        "stoat/stoat/b.yaml": {{"sha256": "{ZERO}", "owner": "Config stoat/b"}}
      }}
    }},
    "staging": {{
      "unsealed": true,
      "files": {{}}
    }}
  }}
}}
"""

files = st.dictionaries(
    st.builds("/".join, st.lists(st.from_regex(r"[a-z0-9]{1,3}", fullmatch=True), min_size=2, max_size=2)).map(
        lambda folders: f"{folders}/x.yaml"
    ),
    st.builds(OwnedFile, st.from_regex(r"[0-9a-f]{64}", fullmatch=True), st.text(max_size=10)),
    max_size=4,
)
names = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
indexes = st.builds(Index, st.dictionaries(names, st.builds(OwnedEnvironment, files, st.booleans()), max_size=3))


def broken(text: str | bytes) -> str:
    """The message of the only finding about an index."""
    index, (finding,) = parse_index(text if isinstance(text, bytes) else text.encode(), PATH)
    assert index == Index()
    assert (finding.rule, finding.at.path) == ("ownership-index-broken", PATH)
    return finding.message


def test_golden() -> None:
    """Sorted, and one line a file, so that a diff in git shows which file moved."""
    production = {
        "stoat/stoat/b.yaml": OwnedFile(ZERO, "Config stoat/b"),
        "stoat/stoat/a.yaml": OwnedFile(ZERO, "Config stoat/a"),
    }
    index = Index({"staging": OwnedEnvironment({}, unsealed=True), "production": OwnedEnvironment(production)})
    assert dump_index(index).decode() == GOLDEN


@given(indexes)
def test_round_trip(index: Index) -> None:
    """What was written is what is read, and it is JSON."""
    assert parse_index(dump_index(index), PATH) == (index, ())
    assert json.loads(dump_index(index))["version"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "null", "[]", "1", '"x"', "{}", b"\xff\xfe", "[" * 100_000, '{"version": 1}', '{"version": 1, "environments": []}',
        '{"version": true, "environments": {}}', '{"version": "1", "environments": {}}', '{"version": 2, "environments": {}}',
        '{"version": 1, "environments": {}, "more": 1}', '{"version": 1, "version": 1, "environments": {}}',
        '{"version": 1, "environments": {"a": 1}}', '{"version": 1, "environments": {"a": {"files": {}}}}',
        '{"version": 1, "environments": {"a": {"files": {}, "unsealed": 0}}}',
        '{"version": 1, "environments": {"": {"files": {}, "unsealed": false}}}',
        '{"version": 1, "environments": {"\\ud800": {"files": {}, "unsealed": false}}}',
        "9" * 5000, "<<<<<<< HEAD\n" + GOLDEN,
    ],
)  # fmt: skip
def test_broken_index(text: str | bytes) -> None:
    """Whatever stands there, it is a finding and no traceback."""
    assert broken(text).startswith("the ownership index cannot be read: ")


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "a/../../x.yaml", "stoat/stoat/a.yml", "a.yaml", ""]
)
def test_paths_that_lead_elsewhere(path: str) -> None:
    """The index decides what is deleted, so a path we cannot have written makes it broken."""
    assert "is not a path that platformc writes" in broken(GOLDEN.replace("stoat/stoat/a.yaml", path))


@pytest.mark.parametrize("digest", ["", "0" * 63, "A" * 64, "0" * 64 + "\\n"])
def test_digests(digest: str) -> None:
    """A digest is 64 hexadecimal digits in lower case."""
    assert "no SHA-256 digest" in broken(GOLDEN.replace(ZERO, digest))
