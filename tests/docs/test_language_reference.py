"""The language reference names everything, leads nowhere wrong, and shows only what compiles."""

import re
from collections import Counter
from pathlib import Path

import pytest
from platformc.kinds import ALL, KINDS
from platformc.language.kind import words_with_access
from platformc.language.models.metadata import Metadata
from platformc.language.models.workload import WorkloadSpec
from platformc.language.nodes import Mapping, plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile
from platformc.language.validate import validate

from tools.docs.docstrings import fields_of
from tools.docs.field_types import fields
from tools.docs.language import fragment, language
from tools.docs.markdown import anchor

DOCS = Path(__file__).parents[2] / "docs"
PAGE = language()
HEADINGS = [anchor(text) for text in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)]
EXAMPLES = [text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "apiVersion:" in text]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")


def headings(path: Path) -> set[str]:
    """The headings of a page, as a link to them is written."""
    return {anchor(text) for text in re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)}


def test_headings_differ() -> None:
    """A link to a heading means one place."""
    assert [heading for heading, count in Counter(HEADINGS).items() if count > 1] == []


def test_links_lead_somewhere() -> None:
    """Each link inside of the page has its heading."""
    wanted = {target for path, target in LINK.findall(PAGE) if not path}
    assert {"workload", "need"} <= wanted
    assert wanted - set(HEADINGS) == set()


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_every_field_is_named(kind: object) -> None:
    """No field of a kind is left out, wherever its group is described."""
    model = KINDS[kind.name].model  # type: ignore[attr-defined] # a Kind
    assert [field.name for field in fields(model) if f"| `{field.name}` |" not in PAGE] == []


def test_every_attribute_and_access_word_is_named() -> None:
    """The tables of references and needs are whole."""
    for kind in ALL:
        assert [name for name in kind.attributes if f"${{{kind.word}.X.{name}" not in PAGE] == []
        assert [
            word
            for word in (kind.aws.access if kind.aws else ())
            if f"{{{kind.word}: X, access: [{word}]}}" not in PAGE
        ] == []


def test_a_fields_text_is_the_one_in_the_source() -> None:
    """Texts are read beside the right field, over several lines and through base classes."""
    said = fields_of(WorkloadSpec)
    assert said["replicas"] == "The number of pods."
    assert said["image"] == "The image with a tag or a digest."
    assert said["env"].endswith("inside a longer value use `$(OTHER)`.")
    assert said["allow"].startswith("Rules that do not apply")


def test_examples_are_found() -> None:
    """Every kind is shown once at least."""
    assert {kind.name for kind in ALL} <= {
        match for text in EXAMPLES for match in re.findall(r"^kind: (\w+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.partition("kind: ")[2].partition("\n")[0])
def test_examples_compile(text: str) -> None:
    """What the reference shows has no unknown field, no wrong type, no missing one."""
    documents, findings, _ = read_documents(SourceFile("language.md", text))
    assert findings == ()
    for document in documents:
        assert isinstance(document.root, Mapping)
        kind = KINDS[plain(document.root)["kind"]]
        spec = document.root.entries["spec"]
        assert isinstance(spec, Mapping)
        assert validate(kind.model, kind.layers.expand(spec), words=words_with_access(KINDS))[1] == ()
        assert validate(Metadata, document.root.entries["metadata"])[1] == ()


def test_every_fragment_is_used() -> None:
    """Prose that no page shows would be written for nobody."""
    folder = DOCS.parent / "tools" / "docs" / "fragments"
    names = {path.relative_to(folder).as_posix().removesuffix(".md") for path in folder.rglob("*.md")}
    pages = "".join(path.read_text() for path in DOCS.glob("*.md"))
    assert {"intro", "rules", "kinds/Workload"} <= names
    assert {name for name in names if fragment(name).strip() not in pages} == set()


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.relative_to(DOCS).as_posix())
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    """Each relative link of a page names a file that is there, and a heading in it."""
    targets = {target for target in LINK.findall(path.read_text()) if target[0] and "://" not in target[0]}
    assert {name for name, _ in targets if not (path.parent / name).exists()} == set()
    assert {(name, to) for name, to in targets if to and to not in headings(path.parent / name)} == set()
