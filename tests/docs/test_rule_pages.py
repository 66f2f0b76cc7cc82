"""Each rule that a finding can come from has one page, and what the page says is true of the code."""

import re

import jsonschema_rs
import pytest
from emitted_rules import KEBAB, emissions, literals
from platformc.check.policies import POLICIES, all_rules
from platformc.check.policies.pages import language_rules
from platformc.check.policies.rule import Rule
from platformc.language.load import API_VERSION
from platformc.language.nodes import plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile

from tools.docs.markdown import lowered
from tools.docs.rules import rules
from tools.docs.schema import document_schema

SECTIONS = ["Why is this bad?", "Example", "Use instead"]
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
VALIDATOR = jsonschema_rs.validator_for(document_schema())
IDS = {rule.id: rule for rule in all_rules()}
PAGES = dict(rules())


def _sections(rule: Rule) -> dict[str, str]:
    head, *parts = re.split(r"^## ", rule.page, flags=re.MULTILINE)
    named = (part.partition("\n") for part in parts)
    return {"": head, **{title.strip(): text.strip() for title, _, text in named}}


def _yaml(rule: Rule, section: str) -> list[str]:
    return [text for language, text in BLOCK.findall(_sections(rule)[section]) if language == "yaml"]


def test_the_search_finds_rules() -> None:
    """A search that finds nothing would make the tests below agree with everything."""
    found = {one.rule for one in emissions()}
    assert {"unknown-reference", "invalid-quantity", "rendered-stale", "secret-in-config", "restart-cycle"} <= found


def test_every_rule_that_code_emits_has_a_page() -> None:
    """`platformc rule ID` knows each id that can stand in a finding."""
    assert {one.rule: one.place for one in emissions() if one.rule not in IDS} == {}


@pytest.mark.parametrize("rule", language_rules(), ids=lambda rule: rule.id)
def test_every_page_is_of_a_rule_that_code_emits(rule: Rule) -> None:
    """A page of a rule that nothing can find any more would be believed."""
    assert rule.id in literals()


def test_ids_are_unique_and_kebab_case() -> None:
    """An id means one thing, in every format."""
    ids = [rule.id for rule in (*POLICIES, *language_rules())]
    assert [one for one in ids if not KEBAB.match(one)] == []
    assert len(set(ids)) == len(ids)


def test_severities_agree_with_the_code() -> None:
    """A page calls its rule what findings call it, wherever the code says it in a literal."""
    said: dict[str, set[str]] = {}
    for one in emissions():
        if one.severity is not None:
            said.setdefault(one.rule, set()).add(one.severity)
    wrong = {rule: found for rule, found in said.items() if rule in IDS and IDS[rule].severity.value not in found}
    assert wrong == {}


@pytest.mark.parametrize("rule", language_rules(), ids=lambda rule: rule.id)
def test_pages_of_the_language_have_all_sections(rule: Rule) -> None:
    """Each page says what is found, why that is bad, and shows it wrong and right."""
    sections = _sections(rule)
    assert list(sections) == ["", *SECTIONS, *(["How to allow it"] if rule.allowable else [])]
    assert all(sections.values())
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert BLOCK.search(sections["Example"])
    assert BLOCK.search(sections["How to allow it" if rule.allowable else "Use instead"])


@pytest.mark.parametrize("rule", POLICIES, ids=lambda rule: rule.id)
def test_pages_of_policies_have_all_sections(rule: Rule) -> None:
    """A policy rule's page says how to allow what it finds, too."""
    sections = _sections(rule)
    assert list(sections) == ["", *SECTIONS, "How to allow it"]
    assert all(sections.values())


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_what_a_page_tells_to_write_can_be_read(rule: Rule) -> None:
    """Nobody is told to write YAML that the compiler refuses."""
    for text in _yaml(rule, "Use instead"):
        _, findings, complete = read_documents(SourceFile("page.yaml", text))
        assert (findings, complete) == ((), True)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_documents_that_a_page_tells_to_write_fit_the_schema(rule: Rule) -> None:
    """Field names in the pages are those of the language."""
    for text in _yaml(rule, "Use instead"):
        for document in read_documents(SourceFile("page.yaml", text))[0]:
            data = plain(document.root)
            if "kind" in data and data.get("apiVersion", API_VERSION) == API_VERSION:
                completed = {"apiVersion": API_VERSION, "metadata": {"name": "platform"}, **data}
                assert [error.message for error in VALIDATOR.iter_errors(completed)] == []


@pytest.mark.parametrize("rule", [rule for rule in language_rules() if rule.family == "yaml"], ids=lambda rule: rule.id)
def test_examples_of_yaml_rules_are_found(rule: Rule) -> None:
    """What such a page shows as wrong is found by just that rule."""
    for text in _yaml(rule, "Example"):
        _, findings, _ = read_documents(SourceFile("page.yaml", text))
        assert {finding.rule for finding in findings} == {rule.id}


@pytest.mark.parametrize("family", sorted({rule.family for rule in all_rules()}))
def test_the_page_of_a_family_has_its_rules_and_nothing_else(family: str) -> None:
    """An id is a heading of its own, so `docs/rules/FAMILY.md#ID` leads to it; the sections stand below it."""
    text = PAGES[f"rules/{family}.md"]
    sections = re.findall(r"^## (.*)$", BLOCK.sub("", text), re.MULTILINE)
    assert sections == sorted(rule.id for rule in all_rules() if rule.family == family)
    assert [one for one in sections if lowered(IDS[one].page) not in text] == []


def test_headings_go_down_and_code_stays() -> None:
    """A comment in an example is no heading."""
    assert lowered("a\n## B\n```yaml\n# c\n```\n### D #\n") == "a\n### B\n```yaml\n# c\n```\n#### D #\n"
