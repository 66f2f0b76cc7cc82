"""Each rule of the language has one constant and one page, and something finds it."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import platformc
import pytest
from platformc import rules
from platformc.diagnostics import BugReport, Finding, Severity, Span
from platformc.rules import Rule
from platformc.rules.output import DATA_REMOVED, RENDERED_FILE_FOREIGN
from platformc.rules.references import UNKNOWN_REFERENCE
from platformc.rules.registry import FAMILIES, LANGUAGE_RULES
from platformc.rules.secrets import SECRET_NOT_SEALED

PACKAGE = Path(platformc.__file__).parent
NO_FAMILIES = {"pages", "registry", "rule"}
SPAN = Span("specs/a.yaml", 3, 1, 3, 2)


def test_rules_are_found() -> None:
    """A registry that is empty would agree with everything."""
    assert {"unknown-reference", "yaml-syntax", "rendered-stale"} <= {rule.id for rule in LANGUAGE_RULES}


def test_every_page_has_one_constant() -> None:
    """A page of a rule that nothing can find would be believed, and a rule without a page cannot be looked up."""
    folder = resources.files(rules) / "pages"
    pages = Counter(
        (family.name, page.name.removesuffix(".md")) for family in folder.iterdir() for page in family.iterdir()
    )
    assert Counter((rule.family, rule.id) for rule in LANGUAGE_RULES) == pages


def test_every_family_is_registered() -> None:
    """Rules of a module that is not in the list would be unknown to `platformc rule`."""
    modules = {module.name for module in pkgutil.iter_modules(rules.__path__)} - NO_FAMILIES
    assert {family.__name__.rpartition(".")[2] for family in FAMILIES} == modules


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__.rpartition(".")[2])
def test_constants_are_called_like_their_ids(family: object) -> None:
    """In the module of their family."""
    constants = {name: value for name, value in vars(family).items() if isinstance(value, Rule)}
    assert constants
    assert {name: rule.id.replace("-", "_").upper() for name, rule in constants.items()} == {
        name: name for name in constants
    }
    assert {rule.family for rule in constants.values()} == {str(vars(family)["__name__"]).rpartition(".")[2]}


def test_every_rule_is_used() -> None:
    """A rule that no module imports is one that nothing finds."""
    imported = {
        (node.module.rpartition(".")[2], alias.name)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("platformc.rules.")
        for alias in node.names
        if node.module is not None
    }
    unused = {rule.id for rule in LANGUAGE_RULES if (rule.family, rule.id.replace("-", "_").upper()) not in imported}
    assert unused == set()


def test_findings_are_made_by_their_rules() -> None:
    """An id or a severity that is written beside a finding can be another one than its page's; answers are read back."""
    making = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"\bFinding\(", path.read_text(encoding="utf-8"))
    }
    assert making == {"rules/rule.py", "cache/findings.py"}


def test_no_page_is_read_before_something_is_found() -> None:
    """Rules are imported by whatever may need them; only a finding, or the question for a page, costs a file."""
    code = (
        "import platformc.pipeline, platformc.check.policies\n"
        "from platformc.rules import pages, references\n"
        "before = pages.read_page.cache_info().misses\n"
        "references.UNKNOWN_REFERENCE.severity, references.UNKNOWN_REFERENCE.page\n"
        "print(before, pages.read_page.cache_info().misses)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "0 1\n"


class TestFindings:
    """What `Rule.at` makes."""

    def test_has_the_severity_of_the_page(self) -> None:
        """Nobody says it again where a finding is made."""
        assert UNKNOWN_REFERENCE.at(SPAN, "message", "hint", related=((SPAN, "here"),), environment="staging") == (
            Finding(
                SPAN, "unknown-reference", Severity.ERROR, "message", "hint", ((SPAN, "here"),), environment="staging"
            )
        )

    def test_can_have_another_one_that_the_page_tells_of(self) -> None:
        """Three rules are errors or warnings, by what was found."""
        two = {rule.id for rule in LANGUAGE_RULES if len(rule.read().severities) > 1}
        assert two == {SECRET_NOT_SEALED.id, RENDERED_FILE_FOREIGN.id, DATA_REMOVED.id}
        assert SECRET_NOT_SEALED.severity is Severity.ERROR
        assert SECRET_NOT_SEALED.at(SPAN, "message", severity=Severity.WARNING).severity is Severity.WARNING
        assert RENDERED_FILE_FOREIGN.severity is Severity.WARNING
        assert RENDERED_FILE_FOREIGN.at(SPAN, "message", severity=Severity.ERROR).severity is Severity.ERROR

    def test_has_no_other_one(self) -> None:
        """A severity that `platformc rule` does not tell of is a mistake of ours."""
        with pytest.raises(BugReport, match="unknown-reference"):
            UNKNOWN_REFERENCE.at(SPAN, "message", severity=Severity.WARNING)
