"""One fact is told once, whichever judges see it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.overlap import told_once
from platformc.diff.redaction import ARGUMENT, HIDDEN, in_flow, shown, without_secrets
from platformc.snapshot import FieldChange, ObjectKey

TABLE = ObjectKey("the cluster one", "aws.platformc.dev", "Table", "app", "sessions")
IN_AWS = ObjectKey("the cluster one", "dynamodb.aws.m.upbound.io", "Table", "app", "sessions_v1")
GONE = (Basis(TABLE, (), None),)
SIZE = FieldChange(("spec", "size"), ("spec", "size"), "spec.size", 1, 2)
IMAGE = FieldChange(("spec", "image"), ("spec", "image"), "spec.image", "a", "b")


def effect(kind: EffectKind, verdict: Verdict, message: str, **more: object) -> Effect:
    """An effect on the table."""
    made = Effect(kind, verdict, "production", TABLE, message, GONE)
    return replace(made, **more)  # type: ignore[arg-type]


class TestRefused:
    """Data safety and the judge of refusals know the same fields."""

    DATA = effect(EffectKind.REFUSED, Verdict.REFUSED, "`spec.x` cannot change", data={"rule": "immutable-field"})

    def test_who_refuses_and_until_when(self) -> None:
        """That is said; the rule stays for programs."""
        by = effect(EffectKind.REFUSED, Verdict.REFUSED, "the API server refuses it", data={"by": "the API server"})
        (told,) = told_once([self.DATA, by])
        assert told.message == "the API server refuses it"
        assert told.data == {"by": "the API server", "rule": "immutable-field"}

    def test_what_only_data_safety_knows(self) -> None:
        """It stays, also beside a refusal of another object or environment."""
        elsewhere = replace(self.DATA, environment="staging", data={"by": "x"})
        assert told_once([self.DATA, elsewhere]) == (self.DATA, elsewhere)


class TestRemoved:
    """An object that goes, and the data in it."""

    DELETED = effect(EffectKind.DELETE, Verdict.ROUTINE, "is deleted")
    LOST = effect(EffectKind.DATA, Verdict.DATA_LOSS, "AWS deletes the table", data={"rule": "data-removed"})

    def test_is_one_sentence(self) -> None:
        """With the kind of what happens to the object, and the verdict of what happens to the data."""
        (told,) = told_once([self.DELETED, self.LOST])
        assert (told.kind, told.verdict) == (EffectKind.DELETE, Verdict.DATA_LOSS)
        assert told.message == "is deleted; AWS deletes the table"
        assert told.data == {"rule": "data-removed"}

    def test_what_stays_is_not_said_to_be_deleted(self) -> None:
        """Whatever becomes of the data if the object goes one day."""
        (told,) = told_once([replace(self.DELETED, kind=EffectKind.LEFT_BEHIND, message="stays"), self.LOST])
        assert told.message == "stays; its data stays in it, and nothing of the spec uses it any more"
        assert told.verdict is Verdict.DATA_LOSS

    def test_what_follows_in_aws_is_routine(self) -> None:
        """It is counted and accepted at the claim, but only where that is told."""
        in_aws = effect(
            EffectKind.MANAGED, Verdict.DATA_LOSS, "AWS deletes it", key=IN_AWS, data={"claim": "Table app/sessions"}
        )
        assert [one.verdict for one in told_once([self.DELETED, self.LOST, in_aws])] == [
            Verdict.DATA_LOSS,
            Verdict.ROUTINE,
        ]
        assert told_once([in_aws]) == (in_aws,)
        assert told_once([self.DELETED, in_aws])[1].verdict is Verdict.DATA_LOSS


class TestValues:
    """Changed values of an object."""

    UPDATED = effect(
        EffectKind.UPDATE,
        Verdict.ROUTINE,
        "changes in place: spec.size, spec.image",
        fields=(SIZE, IMAGE),
        basis=tuple(Basis(TABLE, one.before_path, one.after_path) for one in (SIZE, IMAGE)),
    )

    def test_that_restart_pods(self) -> None:
        """The rest is told as a change in place, with what that comes from."""
        restart = effect(EffectKind.RESTART, Verdict.RESTART, "restarts", fields=(IMAGE,))
        told, _ = told_once([self.UPDATED, restart])
        assert (told.message, told.fields) == ("changes in place: spec.size", (SIZE,))
        assert told.basis == (Basis(TABLE, ("spec", "size"), ("spec", "size")),)

    def test_that_are_all_told(self) -> None:
        """Nothing is left to say."""
        restart = effect(EffectKind.RESTART, Verdict.RESTART, "restarts", fields=(IMAGE, SIZE))
        assert told_once([self.UPDATED, restart]) == (restart,)

    def test_that_nobody_tells(self) -> None:
        """They stay as they are."""
        assert told_once([self.UPDATED]) == (self.UPDATED,)

    def test_of_a_secret(self) -> None:
        """Its keys are told without values."""
        secret = effect(EffectKind.SECRET, Verdict.ROUTINE, "gets another value", basis=self.UPDATED.basis)
        assert told_once([self.UPDATED, secret]) == (secret,)


class TestShown:
    """Values that somebody may not see."""

    def test_behind_a_flag(self) -> None:
        """As two items of a command."""
        command = ["run", "--password", "hunter2", "--port", "8080"]
        assert without_secrets(command) == ["run", "--password", HIDDEN, "--port", "8080"]

    @pytest.mark.parametrize(
        ("value", "want"),
        [("hunter2", ARGUMENT), ("8080", "8080"), ("--verbose", "--verbose"), ("echo $HOME && exit 1", None)],
    )
    def test_one_argument_alone(self, value: str, want: str | None) -> None:
        """The flag before it is not known, so that one word may be anything."""
        assert shown(("containers", "web", "args", "2"), value) == (value if want is None else want)

    def test_an_entry_of_a_list_is_written_as_in_the_spec(self) -> None:
        """On one line."""
        assert in_flow(without_secrets({"name": "A", "password": "hunter2"})) == f"{{name: A, password: {HIDDEN}}}"
