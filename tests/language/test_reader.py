from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from platformc.canonical_yaml import emit
from platformc.diagnostics import Span
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, plain, scalars
from platformc.language.reader import DEEPEST, MOST_FINDINGS, MOST_NODES, read_documents
from platformc.language.source import LARGEST_FILE, SourceFile
from spec_samples import PATH, is_inside, maps, read, text_at


def _rules(text: str) -> list[str]:
    _, findings, _ = read_documents(SourceFile(PATH, text))
    lines = text.split("\n")
    for finding in findings:
        assert 1 <= finding.at.line <= finding.at.end_line <= len(lines)
        assert 1 <= finding.at.column <= len(lines[finding.at.line - 1]) + 1
    return [finding.rule for finding in findings]


def _as_read(text: str) -> Any:
    """What a scalar's own text means when it stands alone."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


@given(maps)
def test_what_the_writer_writes_is_read_back(data: dict[str, Any]) -> None:
    """Value for value and type for type, keys in their order."""
    node, findings = read(emit(data))
    assert [finding for finding in findings if finding.rule != "yaml-key"] == []
    assert repr(plain(node)) == repr(_as_read(emit(data)))


@given(maps)
def test_a_scalar_stands_where_its_place_says(data: dict[str, Any]) -> None:
    """The text between the start and the end of a scalar, read alone, is its value; keys alike."""
    text = emit(data)
    node, _ = read(text)
    for _, scalar in scalars(node):
        if scalar.span.end_line == scalar.span.line:  # a block's lines mean nothing without their indentation
            assert _as_read(text_at(text, scalar.span)) == scalar.value
    for holder in _maps(node):
        for key, span in holder.keys.items():
            assert str(_as_read(text_at(text, span).removeprefix("? "))) == key or span.line != span.end_line


def _maps(node: Node) -> list[Mapping]:
    if isinstance(node, Scalar):
        return []
    below: Iterable[Node] = node.items if isinstance(node, Sequence) else node.entries.values()
    found = [one for value in below for one in _maps(value)]
    return [node, *found] if isinstance(node, Mapping) else found


def test_places_of_every_style() -> None:
    """Lines and columns count characters from 1, the end is exclusive; wide characters count one."""
    text = (
        "plain: a b\n"
        'double: "x\\ty"\n'
        "single: 'it''s'\n"
        "é: \N{PILE OF POO} z # comment\n"
        "flow: {k: [1, {deep: v}]}\n"
        "list:\n- one\n-   two\n"
        "block: |\n  l1\n  l2\n"
        "empty:\n"
    )
    node, findings = read(text)
    assert findings == ()
    found = {path: (text_at(text, scalar.span), scalar.value) for path, scalar in scalars(node)}
    assert found == {
        ("plain",): ("a b", "a b"),
        ("double",): ('"x\\ty"', "x\ty"),
        ("single",): ("'it''s'", "it's"),
        ("é",): ("\N{PILE OF POO} z", "\N{PILE OF POO} z"),
        ("flow", "k", 0): ("1", 1),
        ("flow", "k", 1, "deep"): ("v", "v"),
        ("list", 0): ("one", "one"),
        ("list", 1): ("two", "two"),
        ("block",): ("|\n  l1\n  l2\n", "l1\nl2\n"),
        ("empty",): ("", None),
    }
    assert isinstance(node, Mapping)
    assert text_at(text, node.entries["flow"].span) == "{k: [1, {deep: v}]}"
    assert text_at(text, node.entries["list"].span) == "one"
    assert {key: text_at(text, span) for key, span in node.keys.items()} == {key: key for key in node.keys}


@given(st.lists(st.sampled_from(["a: 1\n", "b: [x]\n", "# c\n", "\n"]), max_size=4), st.sampled_from(["\n", "\r\n"]))
def test_lines_end_as_windows_ends_them(parts: list[str], ending: str) -> None:
    """Places do not depend on it."""
    text = "---\nk: v\n".join(["", *parts])
    assert read_documents(SourceFile(PATH, text.replace("\n", ending)))[0].__repr__() == (
        read_documents(SourceFile(PATH, text))[0].__repr__()
    )


REFUSED = {
    "alias and anchor": ("a: &x 1\nb: *x\n", ["yaml-alias"]),
    "anchor on a key": ("&x a: 1\n", ["yaml-alias"]),
    "anchor on a map": ("a: &x {b: 1}\n", ["yaml-alias"]),
    "alias as a key": ("a: &x 1\n*x : 2\n", ["yaml-alias"]),
    "an alias to nothing": ("a: *x\n", ["yaml-alias"]),
    "merge key": ("a: {<<: {b: 1}, c: 2}\n", ["yaml-merge-key"]),
    "merge key of an alias": ("x: &x {b: 1}\na: {<<: *x}\n", ["yaml-alias", "yaml-merge-key"]),
    "standard tag": ("a: !!binary aGk=\n", ["yaml-tag"]),
    "tag of Python": ("a: !!python/object/apply:os.system [id]\n", ["yaml-tag"]),
    "local tag": ("a: !Ref b\n", ["yaml-tag"]),
    "tag of a map": ("a: !!set {b}\n", ["yaml-tag"]),
    "verbatim tag": ("a: !<tag:x.org,2000:y> b\n", ["yaml-tag"]),
    "same key twice": ("a: 1\nb: 2\na: 3\n", ["duplicate-key"]),
    "same key, quoted": ('a: 1\n"a": 3\n', ["duplicate-key"]),
    "same key, written with an escape": ('a: 1\n"\\x61": 3\n', ["duplicate-key"]),
    "map as a key": ("{a: 1}: 2\n", ["yaml-key"]),
    "list as a key": ("? [a, b]\n: 2\n", ["yaml-key"]),
    "empty key": ("? \n: 1\n", ["yaml-key"]),
    "unquoted reference": ("a: {X: ${b.c}}\n", ["yaml-syntax"]),
    "directive": ("%YAML 1.1\n---\na: yes\n", ["yaml-ambiguous-scalar"]),
    "tab": ("a:\n\tb: 1\n", ["yaml-syntax"]),
    "unclosed": ("a: [1, 2\n", ["yaml-syntax"]),
    "unclosed quote": ('a: "b\n', ["yaml-syntax"]),
    "noncharacter": ("a: \ufffe\n", ["yaml-syntax"]),
    "escaped surrogate": ('a: "\\ud800"\n', ["yaml-syntax"]),
    "escaped surrogate pair": ('a: "\\ud83d\\udca9"\n', ["yaml-syntax"]),
    "escape beyond Unicode": ('a: "\\Uffffffff"\n', ["yaml-syntax"]),
    "unknown escape": ('a: "\\q"\n', ["yaml-syntax"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_language_leaves_out(name: str) -> None:
    """One finding each, inside the file."""
    text, rules = REFUSED[name]
    assert _rules(text) == rules


def test_what_is_refused_is_not_followed() -> None:
    """Nothing of an alias, a merge or a tag comes through, and the document says that it is not whole."""
    (document,), _, complete = read_documents(
        SourceFile(PATH, "x: &x {b: 1}\na: {<<: *x, c: 2}\nd: *x\ne: !!int '3'\n")
    )
    assert complete
    assert document.damaged
    assert plain(document.root) == {"x": {"b": 1}, "a": {"c": 2}, "d": None, "e": "3"}


def test_a_refused_document_does_not_harm_the_next() -> None:
    """Damage counts for one document, not for its neighbours."""
    documents, _, complete = read_documents(SourceFile(PATH, "a: 1\n---\nb: !x 2\n---\nc: 3\n"))
    assert complete
    assert [(plain(one.root), one.damaged) for one in documents] == [
        ({"a": 1}, False),
        ({"b": 2}, True),
        ({"c": 3}, False),
    ]


def test_documents_before_a_syntax_error_are_read() -> None:
    """The rest is missing, and the reader says so."""
    documents, findings, complete = read_documents(SourceFile(PATH, "a: 1\n---\nb: [\n"))
    assert not complete
    assert [plain(one.root) for one in documents] == [{"a": 1}]
    assert [finding.rule for finding in findings] == ["yaml-syntax"]


def test_an_alias_bomb_is_one_finding() -> None:
    """Twenty lines stand for 10^20 words; none of them is made."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 20)]
    (document,), findings, complete = read_documents(SourceFile(PATH, "\n".join(lines)))
    assert complete
    assert [finding.rule for finding in findings] == ["yaml-alias"]
    assert sum(1 for _ in scalars(document.root)) == 200


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{a: "])
def test_nesting_has_an_end(opening: str) -> None:
    """At the last level that is allowed nothing is said; one deeper is a finding, and nothing more is read."""
    closing = {"[": "]", "{a: ": "}", "[{a: ": "}]"}.get(opening, "")
    levels = 2 if opening == "[{a: " else 1

    def nested(depth: int) -> str:
        return opening * (depth // levels) + "x" + closing * (depth // levels)

    assert _rules(nested(DEEPEST)) == []
    documents, findings, complete = read_documents(SourceFile(PATH, f"a: 1\n---\n{nested(DEEPEST + 2)}\n---\nb: on\n"))
    assert [plain(document.root) for document in documents] == [{"a": 1}]
    assert [finding.rule for finding in findings] == ["yaml-nesting"]
    assert not complete


def test_keys_have_no_depth_of_their_own() -> None:
    """What stands in a key is passed over, but not down to any depth."""
    assert _rules("? " + "[" * 10 + "]" * 10 + "\n: 1\n") == ["yaml-key"]
    assert _rules("? " + "[" * 100 + "]" * 100 + "\n: 1\n") == ["yaml-key", "yaml-nesting"]


def test_a_file_holds_so_many_values() -> None:
    """They take memory; the next one is a finding, and nothing more is read."""
    _, findings, complete = read_documents(SourceFile(PATH, "[" + "a," * (MOST_NODES - 1) + "]"))
    assert (findings, complete) == ((), True)
    documents, (finding,), complete = read_documents(SourceFile(PATH, "[" + "a," * MOST_NODES + "]"))
    assert (documents, finding.rule, complete) == ((), "file-too-large", False)


def test_a_file_has_so_many_findings() -> None:
    """Nobody reads more of them."""
    _, findings, complete = read_documents(SourceFile(PATH, "[" + "on," * 5000 + "]"))
    assert MOST_FINDINGS <= len(findings) <= MOST_FINDINGS + 1
    assert not complete


LIMIT = 512 * 1024 * 1024
CHILD = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({LIMIT}, {LIMIT}))
from platformc.language.nodes import plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile
text = eval(sys.argv[1])
documents, findings, complete = read_documents(SourceFile("a.yaml", text))
print(*sorted({{finding.rule for finding in findings}}))
"""

HUGE = {
    "brackets": (f"'[' * {LARGEST_FILE}", "yaml-nesting"),
    "braces": (f"'{{a: ' * {LARGEST_FILE // 4}", "yaml-nesting"),
    "dashes": (f"'- ' * {LARGEST_FILE // 2}", "yaml-nesting"),
    "question marks": (f"'? ' * {LARGEST_FILE // 2}", "yaml-key yaml-nesting"),
    "a long list": (f"'[' + 'a,' * {LARGEST_FILE // 2 - 10} + ']'", "file-too-large"),
    "lists in a list": (f"'[' + '[],' * {LARGEST_FILE // 3 - 10} + ']'", "file-too-large"),
    "one word": (f"'a: ' + 'x' * {LARGEST_FILE - 10}", ""),
    "one key": (f"'? ' + 'x' * {LARGEST_FILE - 10}", ""),
    "documents": (f"('---' + chr(10)) * {LARGEST_FILE // 4}", "file-too-large"),
    "mistakes": (f"'[' + 'on,' * {LARGEST_FILE // 3 - 10} + ']'", "yaml-ambiguous-scalar"),
    "an alias bomb": ("'[&a x' + ',*a' * 1_000_000 + ']'", "file-too-large yaml-alias"),
}
"""Python that makes the text, and the rules of its findings."""


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_hostile_files_need_bounded_memory(name: str) -> None:
    """512 MiB of address space, Python included, are enough for whatever fits into a file that is read."""
    text, said = HUGE[name]
    run = subprocess.run([sys.executable, "-c", CHILD, text], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-500:]
    assert run.stdout == f"{said}\n"


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "---\n---\n", "---\n...\n---\n"])
def test_empty_documents(text: str) -> None:
    """They have no finding; each that is opened is a null."""
    documents, findings, complete = read_documents(SourceFile(PATH, text))
    assert (findings, complete) == ((), True)
    assert [plain(one.root) for one in documents] == [None] * text.count("---")


@given(st.text(st.sampled_from(list("ab:{}[],-?&*!|>'\"%@`#\\ \n\t~0.<$é")), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Never an exception; every finding stands inside the text, and so does every scalar."""
    documents, findings, complete = read_documents(SourceFile(PATH, text))
    assert complete or findings
    _rules(text)
    lines = text.split("\n")
    whole = Span(PATH, 1, 1, len(lines) + 1, 1)
    for document in documents:
        for _, scalar in scalars(document.root):
            assert is_inside(scalar.span, whole)
