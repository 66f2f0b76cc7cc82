"""Each rule that a finding can come from has one page, and what the page says is true of the code."""

import re

import jsonschema_rs
import pytest
from platformc.check.policies import POLICIES, all_rules
from platformc.language.nodes import plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile
from platformc.language.sources import API_VERSION
from platformc.rules import Rule
from platformc.rules.registry import LANGUAGE_RULES

from tools.docs.markdown import lowered
from tools.docs.rules import rules
from tools.docs.schema import document_schema

SECTIONS = ["Why is this bad?", "Example", "Use instead"]
KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+\Z")
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


def test_ids_are_unique_and_kebab_case() -> None:
    """An id means one thing, in every format."""
    ids = [rule.id for rule in all_rules()]
    assert len(ids) == len(POLICIES) + len(LANGUAGE_RULES)
    assert [one for one in ids if not KEBAB.match(one)] == []
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("rule", LANGUAGE_RULES, ids=lambda rule: rule.id)
def test_pages_of_the_language_have_all_sections(rule: Rule) -> None:
    """Each page says what is found, why that is bad, and shows it wrong and right."""
    sections = _sections(rule)
    assert list(sections) == ["", *SECTIONS, *(["How to allow it"] if rule.allowable else [])]
    assert all(sections.values())
    assert rule.summary
    assert not rule.summary.endswith(".")
    assert BLOCK.search(sections["Example"])
    assert BLOCK.search(sections["How to allow it" if rule.allowable else "Use instead"])


@pytest.mark.parametrize("rule", [policy.rule for policy in POLICIES], ids=lambda rule: rule.id)
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


@pytest.mark.parametrize("rule", [rule for rule in LANGUAGE_RULES if rule.family == "yaml"], ids=lambda rule: rule.id)
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
