"""Keys, revisions and certificates in the words that a reviewer reads; never a value, a ciphertext or a length."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from platformc.diff.difference import difference
from platformc.diff.effects import JUDGES
from platformc.diff.effects.secrets import secret_effects
from platformc.snapshot import ListKeys, Snapshot
from snapshots import between, of_folder, of_objects, told

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ROOT = Path(__file__).parents[2]
REDIS = "specs/sealed/production/discord-bot.redis.yaml"
CERTIFICATE = "specs/sealing/production.pem"


@pytest.fixture(scope="module")
def base() -> Snapshot:
    """This repository's own platform."""
    return of_folder(ROOT)


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    for folder in ("specs", "crossplane", "argocd"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def replaced(path: Path, pattern: str, new: str) -> None:
    """Replace what a pattern finds once."""
    text, count = re.subn(pattern, new, path.read_text(encoding="utf-8"), count=1)
    assert count == 1
    path.write_text(text, encoding="utf-8")


def lines(base: Snapshot, head: Path) -> list[str]:
    """What is told, without the environment."""
    found = list(secret_effects(between(base, of_folder(head))))
    assert all(one.basis or one.at for one in found)
    return [line.removeprefix("production ") for line in told(found)]


class TestKeys:
    """Keys of sealed Secrets."""

    def test_a_new_value(self, base: Snapshot, head: Path) -> None:
        """By its revision, with whom it restarts."""
        replaced(head / REDIS, "revision: 1", "revision: 2")
        replaced(head / REDIS, "ciphertext: AgBo", "ciphertext: AgBp")
        assert lines(base, head) == [
            "routine: SealedSecret discord-bot/redis: gets a new value of password (revision 1 -> 2)",
            "  restarts Deployment discord-bot/discord-bot and StatefulSet discord-bot/redis",
        ]

    def test_a_value_that_is_sealed_again(self, base: Snapshot, head: Path) -> None:
        """Nobody can see whether it is the same one, so that is told."""
        replaced(head / REDIS, "ciphertext: AgBo", "ciphertext: AgBp")
        assert lines(base, head) == [
            (
                "routine: SealedSecret discord-bot/redis: gets password sealed again with the same revision 1, which says that its"
                " value stays"
            ),
            "  restarts nothing",
        ]

    def test_a_revision_alone(self, base: Snapshot, head: Path) -> None:
        """Restarts, for nothing."""
        replaced(head / REDIS, "revision: 1", "revision: 2")
        first, second = lines(base, head)
        assert first.endswith("gets another revision of password with the same value (revision 1 -> 2)")
        assert second.startswith("  restarts Deployment")

    def test_an_older_revision(self, base: Snapshot, head: Path, tmp_path: Path) -> None:
        """Is called that."""
        replaced(head / REDIS, "revision: 1", "revision: 2")
        replaced(head / REDIS, "ciphertext: AgBo", "ciphertext: AgBp")
        (first, _) = lines(of_folder(tmp_path), ROOT)
        assert first.endswith("goes back to an older value of password (revision 2 -> 1)")
        assert lines(base, ROOT) == []

    def test_a_key_comes_and_goes(self) -> None:
        """Without a spec, from objects alone: what is not known is told."""
        old, new = (
            sealed({"a": "x", "b": "y"}, files={"f": "1"}),
            sealed({"a": "z", "c": "y"}, files={"f": "2"}),
        )
        assert told(secret_effects(between(of_objects(old), of_objects(new)))) == [
            (
                "production routine: SealedSecret bot/s: gets a sealed again, of an unknown revision, gets the key c, loses the key b and"
                " 1 more"
            ),
            "  gets a sealed again, of an unknown revision",
            "  gets the key c",
            "  loses the key b",
            "  makes the file f differently from its keys",
            "  restarts nothing",
        ]

    def test_a_scope_that_widens(self) -> None:
        """Lets others decrypt."""
        wide = sealed({"a": "x"}, annotations={"sealedsecrets.bitnami.com/cluster-wide": "true"})
        assert told(secret_effects(between(of_objects(sealed({"a": "x"})), of_objects(wide)))) == [
            (
                "production permissions: SealedSecret bot/s: can now be decrypted by any Secret of the cluster, by whoever"
                " may create a SealedSecret there"
            )
        ]


def sealed(keys: Mapping[str, str], files: Mapping[str, str] | None = None, **metadata: Any) -> Mapping[str, Any]:
    """A SealedSecret."""
    spec = {"encryptedData": dict(keys), "template": {"data": dict(files or {})}}
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "s", "namespace": "bot", **metadata},
        "spec": spec,
    }


class TestCertificates:
    """Whoever swaps one reads all that is sealed later."""

    def test_it_is_swapped(self, base: Snapshot, head: Path) -> None:
        """Loudly, with both fingerprints, although no object differs."""
        shutil.copy(ROOT / "specs/sealing/staging.pem", head / CERTIFICATE)
        first, before, after, *_ = lines(base, head)
        assert first.startswith(
            "certificate: Environment production: seals its secrets for ANOTHER CERTIFICATE, SHA256:"
        )
        fingerprints = re.findall(r"SHA256:\S{43}", first)
        assert len(set(fingerprints)) == 2
        assert [before, after] == [f"  before: {fingerprints[1]}", f"  after: {fingerprints[0]}"]

    def test_it_is_written_otherwise(self, base: Snapshot, head: Path) -> None:
        """The same key is the same certificate."""
        text = (head / CERTIFICATE).read_text(encoding="utf-8")
        (head / CERTIFICATE).write_text(f"# a comment\n{text}", encoding="utf-8")
        assert lines(base, head) == []

    @pytest.mark.parametrize("damage", ["gone", "nonsense", "link"])
    def test_it_cannot_be_read(self, base: Snapshot, head: Path, damage: str) -> None:
        """Then nothing can be sealed, and that is told as gravely."""
        path = head / CERTIFICATE
        path.unlink()
        if damage == "nonsense":
            path.write_text("nonsense", encoding="utf-8")
        elif damage == "link":
            path.symlink_to(head / "specs/sealing/staging.pem")
        (first, *_) = lines(base, head)
        assert first.startswith("certificate: Environment production: can no longer seal secrets: the certificate ")

    def test_a_value_for_another_one(self, base: Snapshot, head: Path) -> None:
        """Although the environment's own stays."""
        replaced(head / REDIS, r"certificateFingerprint: SHA256:\w{5}", "certificateFingerprint: SHA256:AAAAA")
        (line,) = lines(base, head)
        assert line.startswith(
            "certificate: SealedSecret discord-bot/redis: has password sealed for ANOTHER CERTIFICATE, SHA256:AAAAA"
        )
        assert "; before, SHA256:" in line


class TestCauses:
    """A file that is no document is a cause as well."""

    def test_a_certificate_and_a_setting(self, base: Snapshot, head: Path) -> None:
        """Each by its path."""
        shutil.copy(ROOT / "specs/sealing/staging.pem", head / CERTIFICATE)
        (head / "argocd/health/claim.lua").write_text("return nil\n", encoding="utf-8")
        report = difference(base, of_folder(head), lambda _base, _head: ListKeys(), "1.0.0")
        found = {(str(one.kind), one.change, one.document) for entry in report.entries for one in entry.causes}
        assert found == {("spec", "changed", CERTIFICATE), ("argocd", "changed", "argocd/health/claim.lua")}


CANARY = "canary-5f3c1a0d"


def argocd(address: str) -> list[Mapping[str, Any]]:
    """Objects of Argo CD that hold an address with a password."""
    specs: dict[str, Any] = {
        "Application": {"source": {"repoURL": address, "path": "a/production/b"}},
        "AppProject": {"sourceRepos": [address]},
    }
    chart = {
        "source": {"repoURL": address, "chart": "c", "targetRevision": "1.0.0", "helm": {"values": f"a: {address}"}}
    }
    made = [(kind, kind.lower(), spec) for kind, spec in specs.items()]
    return [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": name, "namespace": "argocd"},
            "spec": spec,
        }
        for kind, name, spec in (*made, ("Application", "chart", chart))
    ]


class TestCanaries:
    """No value is in any effect, of any judge."""

    @pytest.fixture
    def planted(self) -> tuple[Snapshot, Snapshot]:
        """Secrets of every kind, with a canary in each value, that change."""

        def state(number: int) -> Snapshot:
            value = f"{CANARY}-{number}"
            plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "p", "namespace": "bot"}}
            return of_objects(
                {**plain, "data": {"a": value, f"k{number}": value}, "stringData": {"b": value}},
                sealed({"a": value, f"k{number}": value}, files={"f": value}),
                {**plain, "metadata": {"name": f"p{number}", "namespace": "bot"}, "data": {"a": value}},
                *argocd(f"https://git:{value}@example.com/a.git"),
            )

        return state(1), state(2)

    def test_they_are_nowhere(self, planted: tuple[Snapshot, Snapshot]) -> None:
        """In messages, details and data. The fields of an effect are redacted where they are shown."""
        found = [one for judge in JUDGES for one in judge(between(*planted))]
        assert {"argocd", "chart", "permission", "secret"} <= {str(one.kind) for one in found}
        for one in found:
            assert CANARY not in json.dumps([one.message, one.details, one.data], default=str)
            assert not re.search(r"\b(bytes|characters|long)\b", one.message)

    def test_nor_are_ciphertexts(self, base: Snapshot, head: Path) -> None:
        """Of this repository's own secrets."""
        replaced(head / REDIS, "ciphertext: AgBo", "ciphertext: AgBp")
        text = (head / REDIS).read_text(encoding="utf-8")
        (ciphertext,) = re.findall(r"ciphertext: (\S+)", text)
        found = list(secret_effects(between(base, of_folder(head))))
        assert found
        for one in found:
            assert ciphertext[:12] not in json.dumps([one.message, one.details, one.data], default=str)
            assert one.fields == ()
