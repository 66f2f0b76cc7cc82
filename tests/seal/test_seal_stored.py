"""`platformc seal` without values: certificates, what kubeseal sealed, what nobody asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from platformc.seal.envelope import Sealer
from platformc.sealed_secrets.certificate import read_certificate
from platformc.sealed_secrets.scope import SealingScope
from sealing_platform import TOKEN, Case, another_key, certificate, controller_key, opened


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A platform of which nothing is sealed."""
    return Case(tmp_path)


@pytest.fixture
def sealed(case: Case) -> Case:
    """The same with everything sealed."""
    case.seal_all()
    return case


class TestPrune:
    """What no Secret asks for."""

    def test_keys_and_files(self, sealed: Case) -> None:
        """The rest keeps every byte."""
        path = sealed.specs / "app" / "secrets.yaml"
        text = path.read_text(encoding="utf-8").partition("---\n")[0].replace("    user:", "    name:")
        path.write_text(text, encoding="utf-8")
        before = sealed.stored("db")
        assert sealed.seal("--prune").exit == 0
        assert not sealed.path("web").exists()
        assert sealed.stored("db") == {key: entry for key, entry in before.items() if key != "user"}

    def test_nothing_is_removed_where_everything_is_asked_for(self, sealed: Case) -> None:
        """Nor is a file written."""
        before = {path: path.read_bytes() for path in sealed.specs.rglob("*.yaml")}
        assert sealed.seal("--prune").output == "there are no sealed values to prune\n"
        assert {path: path.read_bytes() for path in sealed.specs.rglob("*.yaml")} == before


class TestCertificates:
    """What values are sealed for."""

    def test_one_that_has_ended_is_refused(self, case: Case) -> None:
        """The controller might still open it; kubeseal refuses, too."""
        ended = certificate(
            controller_key(), begins=datetime(2020, 1, 1, tzinfo=UTC), ends=datetime(2021, 1, 1, tzinfo=UTC)
        )
        (case.specs / "sealing" / "production.pem").write_bytes(ended)
        result = case.seal()
        assert result.exit == 69
        assert "it expired on 2021-01-01" in result.output
        assert not case.path("db").exists()

    def test_one_that_ends_soon_is_told(self, case: Case) -> None:
        """Sealing still works."""
        soon = certificate(controller_key(), ends=datetime.now(UTC) + timedelta(days=5))
        (case.specs / "sealing" / "production.pem").write_bytes(soon)
        assert "the certificate expires on" in case.seal("web").output

    def test_a_fetched_one_is_stored_and_shown(self, sealed: Case) -> None:
        """Values that were sealed before are listed as stale."""
        new = sealed.file("new.pem", b"# a comment\n" + certificate(another_key()) + certificate(controller_key()))
        result = sealed.seal("--fetch-certificate", new)
        assert result.exit == 0
        assert "fingerprint  SHA256:" in result.output
        assert "key          RSA, 2048 bits" in result.output
        assert (sealed.specs / "sealing" / "production.pem").read_text().count("BEGIN") == 1, "the first counts"
        stale = sealed.seal("--stale").output
        assert "app/web KEY  SHA256:" in stale
        assert "sealed-for-another-certificate" in sealed.check().rules
        assert sealed.seal("web", "--rotate", "KEY", "--force-rotate").exit == 0
        assert opened(sealed.stored("web")["KEY"]["ciphertext"], "app/web", another_key())
        assert "app/web KEY" not in sealed.seal("--stale").output

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("http://example.com/cert.pem", "is not encrypted"),
            ("ftp://example.com/cert.pem", "is not the address of a certificate"),
            ("/nowhere/cert.pem", "cannot read /nowhere/cert.pem"),
        ],
    )
    def test_what_cannot_be_trusted_is_not_fetched(self, case: Case, source: str, said: str) -> None:
        """Whoever changes a certificate on its way can read what is sealed for it."""
        before = (case.specs / "sealing" / "production.pem").read_bytes()
        result = case.seal("--fetch-certificate", source)
        assert result.exit in {64, 69}
        assert said in result.output
        assert (case.specs / "sealing" / "production.pem").read_bytes() == before

    def test_another_fingerprint_than_the_expected_one(self, case: Case) -> None:
        """Nothing is stored."""
        before = (case.specs / "sealing" / "production.pem").read_bytes()
        new = case.file("new.pem", certificate(another_key()))
        result = case.seal("--fetch-certificate", new, "--fingerprint", "SHA256:else")
        assert result.exit == 69
        assert "someone may have intercepted the connection" in result.output
        assert (case.specs / "sealing" / "production.pem").read_bytes() == before

    def test_an_environment_without_one_gets_its_first(self, case: Case) -> None:
        """And is told the line to add."""
        path = case.specs / "environments" / "production.yaml"
        text = path.read_text(encoding="utf-8").replace("  sealing: {certificate: sealing/production.pem}\n", "")
        path.write_text(text, encoding="utf-8")
        (case.specs / "sealing" / "production.pem").unlink()
        assert "has no sealing certificate" in case.seal().output
        result = case.seal("--fetch-certificate", case.file("new.pem", certificate(another_key())))
        assert "add to the environment: sealing: {certificate: sealing/production.pem}" in result.output
        assert (case.specs / "sealing" / "production.pem").exists()


class TestImport:
    """What kubeseal sealed."""

    def sealed_secret(self, case: Case, name: str = "db", namespace: str = "app") -> str:
        """A SealedSecret with a key of its own making."""
        own = read_certificate((case.specs / "sealing" / "production.pem").read_bytes())
        ciphertext = Sealer(own).seal(TOKEN, SealingScope("strict", namespace, name))
        return (
            f"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {{name: {name}, namespace: {namespace}}}\n"
            f"spec: {{encryptedData: {{token: {ciphertext}}}, template: {{metadata: {{name: {name}}}}}}}\n"
        )

    def test_ciphertext_is_taken_byte_for_byte(self, sealed: Case) -> None:
        """As a new value; its certificate is not known."""
        file = sealed.file("sealed.yaml", self.sealed_secret(sealed).encode())
        result = sealed.seal("--import", file)
        assert result.exit == 0
        assert "imported token of db (revision 2)" in result.output
        assert sealed.value("db", "token") == TOKEN
        assert sealed.stored("db")["token"]["certificateFingerprint"] == "unknown"
        assert "app/db token  unknown" in sealed.seal("--stale").output

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (("kind: SealedSecret", "kind: Secret"), "is not a SealedSecret"),
            (("token:", "tokn:"), "the Secret db has no key tokn"),
            (("namespace: app}", "namespace: other}"), "is sealed strict for other/db"),
            (("name: db, namespace", "name: dd, namespace"), "there is no Secret dd"),
            (("token: A", "token: B4"), "is not a ciphertext"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, case: Case, change: tuple[str, str], said: str) -> None:
        """The controller would not open it."""
        text = self.sealed_secret(case).replace(*change)
        result = case.seal("--import", case.file("sealed.yaml", text.encode()))
        assert result.exit in {64, 69}
        assert said in result.output
        assert not case.path("db").exists()
