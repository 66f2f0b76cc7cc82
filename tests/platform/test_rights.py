"""IAM policies from edges: exactly the actions of the access words on exactly what they are said of, and nothing more."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import pytest
from aws_actions import ACCESS, DANGEROUS
from aws_kinds import RIGHTS
from aws_kinds.repository import LOGIN
from iam_evaluator import allows
from platformc.kinds import KINDS
from rendered_platform import render, sources_of

API = "apiVersion: platformc.dev/v1alpha1"
ENVIRONMENTS = {"production": "", "staging": "test-"}
"""Environment -> what stands before its names in AWS."""
TARGETS = {(rights.word, name): arn for rights in RIGHTS.values() for name, arn in rights.targets.items()}
"""What a need can name -> its ARN, with a place for the environment's prefix."""
CASES = [(kind, name, word) for kind, name in TARGETS for word in RIGHTS[kind].access]
OWNED = "---\n".join(textwrap.dedent(rights.documents) for rights in RIGHTS.values())


def user(name: str, spec: str = "{}") -> str:
    """An Identity."""
    return f"---\n{API}\nkind: Identity\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def program(name: str, identity: str, needs: str, kind: str = "Workload") -> str:
    """A Workload or Job that acts as an Identity."""
    return textwrap.dedent(f"""\
        ---
        {API}
        kind: {kind}
        metadata: {{name: {name}}}
        spec:
          image: ghcr.io/example/{name}:1.0.0
          identity: {identity}
          needs: [{needs}]
        """)


def need(kind: str, name: str, *words: str) -> str:
    """An entry of `needs`."""
    return f"{{{kind}: {name}, access: [{', '.join(words)}]}}"


def policies(root: Path, environment: str, documents: str) -> dict[str, dict[str, Any]]:
    """The policy documents of a small platform's identities, by name."""
    files = {
        "platform.yaml": f"""\
            {API}
            kind: Platform
            metadata: {{name: example}}
            spec:
              git: {{repoURL: https://github.com/example/platform.git}}
              kubernetes: {{version: "1.34"}}
              aws: {{region: eu-central-1, accountID: "123456789012"}}
            """,
        "app/application.yaml": f"{API}\nkind: Application\nmetadata: {{name: app}}\nspec: {{namespace: {{name: app}}}}\n",
        "app/documents.yaml": OWNED + documents,
    }
    for name, prefix in ENVIRONMENTS.items():
        spec = f'spec: {{destination: {{name: {name}}}, aws: {{namePrefix: "{prefix}"}}}}'
        files[f"environments/{name}.yaml"] = f"{API}\nkind: Environment\nmetadata: {{name: {name}}}\n{spec}\n"
    for name, text in files.items():
        path = root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    platform = render(sources_of(root), environment)
    assert platform.findings == ()
    claims = [one for one in platform.objects if one["kind"] == "Identity"]
    return {one["metadata"]["name"]: json.loads(one["spec"]["policyDocument"]) for one in claims}


def arn_of(kind: str, name: str, environment: str) -> str:
    """The ARN of a target in an environment; what another one owns has no prefix."""
    arn = TARGETS[kind, name]
    return arn % ENVIRONMENTS[environment] if "%" in arn else arn


def universe() -> tuple[set[str], set[str]]:
    """All actions, and all resources: of both environments, beside them, in other accounts and regions."""
    actions = {action for of_word in ACCESS.values() for action in of_word} | set(DANGEROUS)
    here = {arn_of(*target, environment) for target in TARGETS for environment in ENVIRONMENTS}
    here |= {
        one
        for kind, name in TARGETS
        for environment in ENVIRONMENTS
        for one in RIGHTS[kind].inside(name, arn_of(kind, name, environment))
    }
    beside = {f"{arn}{more}" for arn in here for more in ("-old", "/stream/2026-01-01", "/backup/1", "/index/x")}
    elsewhere = {arn.replace("123456789012", "210987654321") for arn in here}
    elsewhere |= {arn.replace("eu-central-1", "eu-west-1") for arn in here}
    return actions, here | beside | elsewhere | {"*", "arn:aws:iam::123456789012:user/bot", "arn:aws:s3:::bucket/key"}


ACTIONS, RESOURCES = universe()


def granted(policy: dict[str, Any]) -> set[tuple[str, str]]:
    """Every action on every resource that a policy allows."""
    return {(action, one) for action in ACTIONS for one in RESOURCES if allows(policy, action, one)}


def expected(environment: str, *needed: tuple[str, str, str]) -> set[tuple[str, str]]:
    """What needs (kind, name, word) allow."""
    return {
        (action, resource)
        for kind, name, word in needed
        for action in ACCESS[kind, word]
        for resource in RESOURCES
        if RIGHTS[kind].reaches(action, name, arn_of(kind, name, environment), resource)
    }


def test_the_words_are_those_of_the_kinds() -> None:
    """No word of a kind's record is left out here, and each has the actions that stand here."""
    recorded = {
        (kind.word, word): {action.name for action in actions}
        for kind in KINDS.values()
        if kind.aws is not None
        for word, actions in kind.aws.access.items()
    }
    assert recorded == ACCESS


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(("kind", "name", "word"), CASES, ids="-".join)
def test_one_word(kind: str, name: str, word: str, environment: str, tmp_path: Path) -> None:
    """One word on one thing: its actions there and nowhere else, on its indexes only where it has some."""
    documents = user("bot") + program("bot", "bot", need(kind, name, word))
    assert granted(policies(tmp_path, environment, documents)["bot"]) == expected(environment, (kind, name, word))


def test_everything_that_acts_as_a_user(tmp_path: Path) -> None:
    """Its workloads, jobs and own needs together; what acts as somebody else adds nothing."""
    documents = (
        user("bot", "{needs: [{repository: bot, access: [pull]}]}")
        + user("other")
        + program("reader", "bot", need("table", "letters", "read") + ", " + need("queue", "events", "receive"))
        + program(
            "sweeper", "bot", need("table", "letters", "write") + ", " + need("queue", "events-dead", "receive"), "Job"
        )
        + program("other", "other", need("table", "sessions", "read", "write"))
    )
    found = policies(tmp_path, "production", documents)
    assert granted(found["bot"]) == expected(
        "production",
        ("repository", "bot", "pull"),
        ("table", "letters", "read"),
        ("table", "letters", "write"),
        ("queue", "events", "receive"),
        ("queue", "events-dead", "receive"),
    )
    assert granted(found["other"]) == expected(
        "production", ("table", "sessions", "read"), ("table", "sessions", "write")
    )


def test_one_statement_for_each_set_of_actions(tmp_path: Path) -> None:
    """Sorted, with exact ARNs; `*` stands beside the login alone."""
    needs = ", ".join(need(kind, name, *RIGHTS[kind].access) for kind, name in TARGETS)
    policy = policies(tmp_path, "production", user("bot") + program("bot", "bot", needs))["bot"]
    assert granted(policy) == expected("production", *CASES)
    statements = [(tuple(one["Action"]), tuple(one["Resource"])) for one in policy["Statement"]]
    assert len({actions for actions, _ in statements}) == len(statements)
    assert len(statements) == sum(rights.statements for rights in RIGHTS.values())
    patterns = {one for kind, name in TARGETS for one in RIGHTS[kind].patterns(arn_of(kind, name, "production"))}
    for actions, resources in statements:
        assert list(actions) == sorted(set(actions))
        assert list(resources) == sorted(set(resources))
        assert not [action for action in actions if "*" in action]
        wide = {resource for resource in resources if "*" in resource} - patterns
        assert not wide or (actions, resources) == ((LOGIN,), ("*",))


def test_nobody_needs_anything(tmp_path: Path) -> None:
    """A user whom nothing acts as may do nothing."""
    assert granted(policies(tmp_path, "production", user("bot"))["bot"]) == set()


def test_what_is_denied_stays_denied(tmp_path: Path) -> None:
    """A Deny of its own statements takes away what an edge gives."""
    deny = '{effect: Deny, actions: [dynamodb:Scan], resources: ["${table.letters.arn}/index/by-time"]}'
    documents = user("bot", f"{{statements: [{deny}]}}") + program("bot", "bot", need("table", "letters", "read"))
    lost = ("dynamodb:Scan", TARGETS["table", "letters"] % "" + "/index/by-time")
    assert granted(policies(tmp_path, "production", documents)["bot"]) == expected(
        "production", ("table", "letters", "read")
    ) - {lost}
