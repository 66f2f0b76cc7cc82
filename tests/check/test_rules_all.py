"""What holds for all policy rules: their ids, their pages, their cases."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
import test_rules_aws_stoat
import test_rules_kubernetes_access
import test_rules_layers
import test_rules_privileges
import test_rules_running
import test_rules_secrets
import yaml
from platformc.check.policies import POLICIES, all_rules
from platformc.check.policies.policy import Policy
from platformc.pipeline import Request, compile_environment, load_sources

CASES = (
    *test_rules_aws_stoat.CASES,
    *test_rules_kubernetes_access.CASES,
    *test_rules_layers.CASES,
    *test_rules_privileges.CASES,
    *test_rules_running.CASES,
    *test_rules_secrets.CASES,
)
SECTIONS = ("Why is this bad?", "Example", "Use instead", "How to allow it")
REPOSITORY = Path(__file__).resolve().parents[2]
ABOUT_THE_RULE = re.compile(r"rule: ([a-z-]+)")


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.rule.id)
class TestEveryRule:
    """One policy rule."""

    def test_id(self, policy: Policy) -> None:
        """Ids are kebab-case, named by the bad thing, and the function is called like its id."""
        identity = policy.rule.id
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", identity)
        assert not identity.startswith(("no-", "require-", "must-", "check-"))
        assert inspect.unwrap(policy.check).__name__ == identity.replace("-", "_")

    def test_page(self, policy: Policy) -> None:
        """A page has a summary and all sections with something in them, in their order."""
        summary, *sections = re.split(r"^## (.+)\n", policy.rule.page, flags=re.MULTILINE)
        assert policy.rule.summary
        assert len(summary.splitlines()[0]) <= 100
        assert tuple(sections[::2]) == SECTIONS
        assert all(len(text.strip()) > 30 for text in sections[1::2])

    def test_page_allows_itself(self, policy: Policy) -> None:
        """The page's last section shows how to allow this rule, with a reason."""
        _, _, allowing = policy.rule.page.rpartition("## How to allow it")
        assert ABOUT_THE_RULE.findall(allowing) == [policy.rule.id]
        assert 'reason: "' in allowing

    def test_page_examples(self, policy: Policy) -> None:
        """Whatever a page shows as YAML is YAML."""
        blocks = re.findall(r"```yaml\n(.*?)```", policy.rule.page, flags=re.DOTALL)
        assert len(blocks) >= 2
        assert all(list(yaml.safe_load_all(block)) for block in blocks)

    def test_cases(self, policy: Policy) -> None:
        """A rule has a case, and so a spec in which it is found and one in which it is not."""
        assert any(case.rule == policy.rule.id for case in CASES)


def test_cases_are_of_rules() -> None:
    """No case is about a rule that is gone, and no two have one name."""
    assert {case.rule for case in CASES} == {policy.rule.id for policy in POLICIES}
    assert Counter(case.label for case in CASES).most_common(1)[0][1] == 1


def test_ids_are_unique() -> None:
    """No two rules have one id, policies or others."""
    assert Counter(rule.id for rule in all_rules()).most_common(1)[0][1] == 1


def test_every_rule_is_tried() -> None:
    """A rule without its line in POLICIES would be skipped without a word."""
    written = {
        found
        for path in (REPOSITORY / "compiler/platformc/check/policies").glob("*.py")
        for found in re.findall(
            r'^@(?:object_)?policy\("([a-z-]+)"', path.read_text(encoding="utf-8"), flags=re.MULTILINE
        )
    }
    assert {"image-tag-mutable", "secret-literal-in-env"} <= written
    assert written == {policy.rule.id for policy in POLICIES}


def test_the_platform_breaks_no_rule() -> None:
    """The platform of this repository lacks digests, which cannot be looked up offline, and nothing else."""
    policies = {policy.rule.id for policy in POLICIES} | {"allow-unused", "allow-unknown-rule"}
    sources = load_sources(_request(REPOSITORY))
    assert len(sources.environments) >= 2
    for environment in sources.environments:
        found = [finding.rule for finding in compile_environment(sources, environment).findings]
        assert policies & set(found) == {"image-digest-missing"}


def _request(root: Path) -> Request:
    return Request(root, root / "specs", root / "rendered")
