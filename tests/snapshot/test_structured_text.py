from __future__ import annotations

import json
from typing import Any

import pytest
from platformc.snapshot import FieldChange, ListKeys, Part
from platformc.snapshot.field_changes import field_changes
from platformc.snapshot.structured_text import structured, text_difference

JSON = Any

NONE = ListKeys()


def changes(name: str, before: str, after: str) -> tuple[FieldChange, ...]:
    """What differs in one file of a ConfigMap."""
    one, other = (
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {name: text}}
        for text in (before, after)
    )
    return field_changes(one, other, NONE)


def told(found: tuple[FieldChange, ...]) -> list[str]:
    """Changes as lines."""
    return [
        f"{change.shown}: {change.before!r} -> {change.after!r}" + (f" ({change.same})" if change.same else "")
        for change in found
    ]


class TestFiles:
    """Files of a ConfigMap are compared by key, according to their suffix."""

    @pytest.mark.parametrize(
        ("name", "before", "after", "lines"),
        [
            (
                "Revolt.toml",
                '[hosts]\napi = "a"\n',
                '[hosts]\napi = "b"\n',
                ["data[\"Revolt.toml\"] » hosts.api: 'a' -> 'b'"],
            ),
            ("a.json", '{"a": [1, 2]}', '{"a": [1, 3, 2]}', ['data["a.json"] » a[1]: ABSENT -> 3']),
            (
                "a.yaml",
                "a: {b: 1}\n",
                "a: {b: 2, c: x}\n",
                ['data["a.yaml"] » a.b: 1 -> 2', "data[\"a.yaml\"] » a.c: ABSENT -> 'x'"],
            ),
            ("a.yml", "a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", ['data["a.yml"] » [1].b: 1 -> 2']),
            ("a.ini", "[a]\nB = 1\n", "[a]\nB = 2\n", ["data[\"a.ini\"] » a.B: '1' -> '2'"]),
            ("a.env", "# x\nA=1\nB=1\n", "A=2\nB=1\n", ["data[\"a.env\"] » A: '1' -> '2'"]),
            ("a.toml", "d = 2020-01-01", "d = '2020-01-01'", ["data[\"a.toml\"] » d: 2020-01-01 -> '2020-01-01'"]),
        ],
    )
    def test_by_key(self, name: str, before: str, after: str, lines: list[str]) -> None:
        """The path after the sign is one inside of the text."""
        found = changes(name, before, after)
        assert told(found) == lines
        assert {(change.part, change.before_path, change.after_path) for change in found} == {
            (Part.INSIDE, ("data", name), ("data", name))
        }

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("a.toml", "a = 1\n", "# why\na = 1\n"),
            ("a.json", '{"a": 1, "b": 2}', '{"b":2,"a":1}'),
            ("a.yaml", "a: 1\n", "a:   1 # why\n"),
            ("a.env", "A=1\n", "A=1\n\n"),
        ],
    )
    def test_a_change_of_layout_alone_stays_visible(self, name: str, before: str, after: str) -> None:
        """The bytes are others, so pods that read them are restarted."""
        (change,) = changes(name, before, after)
        assert (change.before, change.after, change.same, change.part) == (before, after, "only layout", Part.VALUE)
        assert not change.is_stored_alike

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("a.txt", "a: 1", "a: 2"),
            ("a.toml", "a = {{ x }}", "a = {{ y }}"),
            ("a.toml", "a = 1", "a ="),
            ("a.json", '{"a": 1, "a": 2}', '{"a": 2}'),
            ("a.json", '{"a": NaN}', '{"a": 2}'),
            ("a.json", "[" * 1000 + "]" * 1000, "[]"),
            ("a.yaml", "a: &x 1\nb: *x\n", "a: 1\nb: 1\n"),
            ("a.yaml", "a: 1\na: 2\n", "a: 2\n"),
            ("a.yaml", "a: yes\n", "a: true\n"),
            ("a.ini", "A = 1\n", "A = 2\n"),
            ("a.env", "A=1\nA=2\n", "A=2\n"),
            ("Caddyfile", "{\n  admin off\n}\n", "{\n}\n"),
        ],
    )
    def test_what_cannot_be_read_without_loss_is_plain_text(self, name: str, before: str, after: str) -> None:
        """Nothing in it is overlooked."""
        (change,) = changes(name, before, after)
        assert (change.before, change.after, change.same, change.part) == (before, after, "", Part.VALUE)

    def test_its_lines_are_for_formats(self) -> None:
        """Without headings, which would name no file."""
        assert text_difference("a\nb\nc\n", "a\nx\nc") == ("@@ -1,3 +1,3 @@", " a", "-b", "+x", " c")
        assert text_difference("a", "a") == ()


class TestPolicies:
    """Policies of AWS, wherever they are."""

    def test_statements_are_paired_by_sid(self) -> None:
        """Actions and resources are sets; one alone needs no list."""
        before = policy(statement("a:Get", Sid="Read"), statement("a:Put", Sid="Write"))
        after = policy(statement(["a:Put"], Sid="Write"), statement(["a:List", "a:Get"], Sid="Read"))
        assert told(field_changes({"p": before}, {"p": after}, NONE)) == [
            "p » Statement[Sid=Read].Action: ABSENT -> 'a:List'",
            "order of p » Statement: ['Read', 'Write'] -> ['Write', 'Read'] (order of a set)",
        ]

    def test_without_sid_by_what_they_have_in_common(self) -> None:
        """A statement that gets a resource is the same statement."""
        read, write = statement(["a:Get", "a:List"]), statement(["b:Put", "b:Delete"])
        wider = {**write, "Resource": ["*", "x"]}
        found = field_changes({"p": policy(read, write)}, {"p": policy(wider, read)}, NONE)
        assert told(found) == [
            "p » Statement[0].Resource: ABSENT -> 'x'",
            "order of p » Statement: [0, 1] -> [1, 0] (order of a set)",
        ]

    def test_principals_and_conditions_are_sets(self) -> None:
        """Whatever their operator."""
        condition = {"StringEquals": {"aws:SourceAccount": "1"}}
        one = statement("a:B", Principal={"AWS": "x"}, Condition=condition)
        other = statement(
            "a:B", Principal={"AWS": ["y", "x"]}, Condition={"StringEquals": {"aws:SourceAccount": ["1"]}}
        )
        assert told(field_changes({"p": policy(one)}, {"p": policy(other)}, NONE)) == [
            "p » Statement[0].Principal.AWS: ABSENT -> 'y'"
        ]

    def test_rules_of_a_lifecycle_are_paired_by_priority(self) -> None:
        """As ECR does."""
        one, other = ({"rulePriority": number, "selection": {"countNumber": number}} for number in (1, 2))
        after = {"rulePriority": 2, "selection": {"countNumber": 9}}
        found = field_changes(
            {"p": json.dumps({"rules": [one, other]})}, {"p": json.dumps({"rules": [after, one]})}, NONE
        )
        assert told(found) == [
            "p » rules[rulePriority=2].selection.countNumber: 2 -> 9",
            "order of p » rules: [1, 2] -> [2, 1]",
        ]

    def test_json_in_annotations_is_read(self) -> None:
        """But a text that only looks like it is plain text."""
        one, other = ({"metadata": {"annotations": {"a": text}}} for text in ('{"x": 1}', '{"x": 2}'))
        assert told(field_changes(one, other, NONE)) == ["metadata.annotations.a » x: 1 -> 2"]
        assert structured(("a",), "{x}") is None
        assert structured(("a",), "1") is None


def statement(action: JSON, **more: JSON) -> JSON:
    """A statement of a policy."""
    return {"Effect": "Allow", "Action": action, "Resource": ["*"], **more}


def policy(*statements: JSON) -> str:
    """A policy as JSON."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
