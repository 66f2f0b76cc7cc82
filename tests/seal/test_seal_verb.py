"""`platformc seal`: what it seals, what it refuses, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformc.seal.generators import vapid_pair, vapid_public
from sealing_platform import ANY_VALUE, API, SECRETS, TOKEN, Case, opened


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A platform of which nothing is sealed."""
    return Case(tmp_path)


@pytest.fixture
def sealed(case: Case) -> Case:
    """The same with everything sealed."""
    case.seal_all()
    return case


class TestWalk:
    """`seal` alone goes through what is missing."""

    def test_it_makes_what_can_be_made_and_names_the_rest(self, case: Case) -> None:
        """With what each is for; the exit code says that something is missing."""
        result = case.seal()
        assert result.exit == 1
        assert "missing: token of the Secret db (app)\n  From the portal.\n" in result.output
        assert "platformc seal -e production db --from-file token=PATH" in result.output
        assert case.value("db", "user") == b"app"
        assert len(case.value("db", "password")) == 32
        assert case.value("web", "DB_PASSWORD") == case.value("db", "password")
        assert "EXTRA" not in case.stored("web"), "an optional key is sealed when it is asked for"

    def test_a_pair_belongs_together(self, case: Case) -> None:
        """The public half stands in the clear, too, so that a Config can use it."""
        case.seal()
        public = case.value("web", "PUSH_PUBLIC")
        assert public == vapid_public(case.value("web", "PUSH"))
        assert case.stored("web")["PUSH_PUBLIC"]["public"] == public.decode()
        assert "public" not in case.stored("web")["PUSH"]

    def test_the_result_is_what_check_wants(self, sealed: Case) -> None:
        """Nothing is called missing, stale, or sealed for somebody else."""
        rules = sealed.check().rules
        assert rules == {"secret-key-unused"}, "no workload in this platform uses the keys"

    def test_a_second_time_there_is_nothing_to_do(self, sealed: Case) -> None:
        """Generated values are made once."""
        before = sealed.path("web").read_bytes()
        result = sealed.seal()
        assert (result.exit, result.output) == (0, "no sealed value is missing in production\n")
        assert sealed.path("web").read_bytes() == before

    def test_one_secret_alone(self, case: Case) -> None:
        """What its copies belong to is sealed with it."""
        result = case.seal("web")
        assert result.exit == 0
        assert set(case.stored("db")) == {"password"}
        assert set(case.stored("web")) == {"DB_PASSWORD", "KEY", "PUSH", "PUSH_PUBLIC"}


class TestGiven:
    """Values that somebody has."""

    @pytest.mark.parametrize("way", ["file", "env-file", "stdin", "file-from-stdin"])
    def test_bytes_arrive_as_they_are(self, case: Case, way: str) -> None:
        """From a file, a line, or stdin."""
        value = "tok-éabcdefgh".encode()
        words, stdin = {
            "file": (("--from-file", f"token={case.file('a', value)}"), b""),
            "env-file": (("--from-env-file", case.file("b", b"# comment\n\ntoken=" + value + b"\r\n")), b""),
            "stdin": (("token", "--stdin"), value),
            "file-from-stdin": (("--from-file", "token=-"), value),
        }[way]
        assert case.seal("db", *words, stdin=stdin).exit == 0
        assert case.value("db", "token") == value

    def test_a_key_that_only_one_secret_has_needs_no_secret(self, case: Case) -> None:
        """The Secret is clear."""
        assert case.seal("--from-file", f"token={case.file('a', TOKEN)}").exit == 0

    def test_a_given_value_replaces_one_and_counts(self, sealed: Case) -> None:
        """Pods roll by the revision."""
        assert sealed.stored("db")["token"]["revision"] == 1
        assert sealed.seal("db", "--from-file", f"token={sealed.file('a', b'tok-newvalue')}").exit == 0
        assert sealed.stored("db")["token"]["revision"] == 2
        assert sealed.value("db", "token") == b"tok-newvalue"

    def test_a_given_value_goes_to_all_copies(self, sealed: Case) -> None:
        """Whichever of the keys is named."""
        value = b"Zx9cV8bN7mQ6wE5rT4y"
        result = sealed.seal("web", "--from-file", f"DB_PASSWORD={sealed.file('a', value)}")
        assert result.exit == 0
        assert sealed.value("db", "password") == sealed.value("web", "DB_PASSWORD") == value
        assert sealed.stored("db")["password"]["revision"] == sealed.stored("web")["DB_PASSWORD"]["revision"] == 2

    def test_the_public_half_follows_from_the_private_one(self, case: Case) -> None:
        """A pair that exists already is taken over by its private half."""
        pair = vapid_pair()
        assert case.seal("web", "--from-file", f"PUSH={case.file('a', pair.private)}").exit == 0
        assert case.value("web", "PUSH_PUBLIC") == pair.public

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("db", "--from-file", "hunter2"), "--from-file number 1 is not KEY=PATH"),
            (("db", "--from-file", "token=/nowhere/hunter2"), "cannot read the --from-file file for token"),
            (("db", "--stdin"), "--stdin works only with a single key"),
            (("db", "token", "--stdin", "--from-file", "user=-"), "stdin can be read only once"),
            (("bd",), "there is no Secret bd"),
            (("db", "tokn", "--stdin"), "the Secret db has no key tokn"),
            (("db", "token=hunter2", "--stdin"), "the Secret db has no such key"),
            (("db", "token", "hunter2"), "the Secret db has no such key"),
            (("--rotate", "hunter2"), "the Secrets have no such key"),
            (("--stale", "--rotate", "token"), "--stale cannot be combined with other options"),
            (("-e", "prod"), "there is no environment prod"),
            (("web", "--from-file", "PUSH_PUBLIC=-"), "PUSH_PUBLIC of web is derived from PUSH"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, case: Case, words: tuple[str, ...], said: str) -> None:
        """In words, and without what may be a value given by mistake."""
        result = case.seal(*words, stdin=TOKEN)
        assert result.exit in {64, 69}
        assert said in result.output
        assert "hunter2" not in result.output
        assert not case.path("db").exists()

    @pytest.mark.parametrize(
        ("line", "said"),
        [
            (b"export token=tok-hunter", "does not have a key of the Secret"),
            (b'token="tok-hunter"', "has a quoted value"),
            (b"tok-hunter", "is not KEY=value"),
            (b"token=tok-a\ntoken=tok-hunter", "line 2 of"),
            (b"tokn=tok-hunter", "does not have a key of the Secret"),
            (b"token= tok-hunter", "has white space around its value"),
            (b"token=tok-hunter\t", "has white space around its value"),
            (b"token=tok-hunter # of May", "has a comment after its value"),
            ("token=tok-hunter".encode("utf-16"), "is UTF-16"),
            (b"token=tok-a\0hunter\xff", "does not match the pattern"),
            (b"=tok-hunter", "does not have a key of the Secret"),
            (b"\n# nothing\n", "has no line KEY=value"),
            (b"", "has no line KEY=value"),
        ],
    )
    def test_lines_that_could_mean_two_things_are_refused(self, case: Case, line: bytes, said: str) -> None:
        """Programs disagree about quotes and `export`."""
        result = case.seal("db", "--from-env-file", case.file("lines", line))
        assert result.exit == (1 if "pattern" in said else 64)
        assert said in result.output
        assert "hunter" not in result.output


class TestRefused:
    """A value is judged while somebody knows it."""

    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("token", b"token", "does not match the pattern tok-[a-zé]+"),
            ("token", b"", "is empty"),
            ("token", b"tok-a\n", "does not match the pattern"),
            ("password", b"password", "minLength is 16"),
            ("password", b"aaaaaaaaaaaaaaaaaaaa", "is weak"),
            ("KEY", b"c2hvcnQ=", "is base64 of 5 bytes; it must be 32 bytes"),
            ("KEY", b"!" * 44, "is not base64 with its padding"),
            ("EXTRA", b" hunter2hunter3", "starts or ends with white space"),
            ("EXTRA", b"hunter2hunter3\t", "starts or ends with white space"),
            ("EXTRA", b"hunter2hunter3\r\n", "ends with a line break"),
            ("EXTRA", b"\xef\xbb\xbfhunter2", "starts with a byte order mark"),
            ("EXTRA", "hunter2".encode("utf-16"), "is UTF-16"),
            ("PUSH", b"bm90IGEga2V5", "is not a PEM block `EC PRIVATE KEY`"),
        ],
    )
    def test_the_key_is_shown_and_never_the_value(self, case: Case, key: str, value: bytes, said: str) -> None:
        """At its place in the spec; nothing is written, also of the good ones beside it."""
        good = case.file("good", b"Zx9cV8bN7mQ6wE5r")
        words = ["--from-file", f"{key}={case.file('bad', value)}"]
        if key != "password":
            words += ["--from-file", f"password={good}"]
        result = case.seal(*words)
        assert result.exit == 1
        assert result.rules == {"value-refused"}
        assert said in result.output
        assert "specs/app/secrets.yaml:" in result.output
        assert not case.path("db").exists()
        assert not case.path("web").exists()

    def test_a_public_half_of_another_pair(self, case: Case) -> None:
        """Both are given and do not belong together."""
        private, public = case.file("a", vapid_pair().private), case.file("b", vapid_pair().public)
        result = case.seal("web", "--from-file", f"PUSH={private}", "--from-file", f"PUSH_PUBLIC={public}")
        assert result.exit == 1
        assert "PUSH_PUBLIC of web does not belong to PUSH" in result.output

    def test_more_than_kubernetes_takes(self, tmp_path: Path) -> None:
        """One MiB in all values of a Secret: it is sealed; one byte more is not, also over several runs."""
        case = Case(tmp_path, {"app/secrets.yaml": ANY_VALUE.replace("SCOPE", "strict")})
        whole, half = case.file("whole", bytes(1024 * 1024)), case.file("half", b"ab" * (1024 * 256))
        more = case.file("more", bytes(1024 * 1024 + 1))
        assert case.seal("db", "--from-file", f"user={whole}").exit == 0
        assert case.value("db", "user") == bytes(1024 * 1024)
        before = case.path("db").read_bytes()
        for words in (("token", "--stdin"), ("--from-file", f"token={half}"), ("--from-file", f"user={more}")):
            result = case.seal("db", *words, stdin=TOKEN)
            assert result.exit == 1
            assert "bytes large; the limit is 1048576" in result.output
            assert case.path("db").read_bytes() == before
        assert case.seal("db", "--from-file", f"user={half}", "--from-file", f"token={half}").exit == 0

    def test_more_keys_than_etcd_takes(self, tmp_path: Path) -> None:
        """Each key has a few hundred bytes on top when it is sealed: a Secret below the limit may not fit as that."""
        keys = [f"k{number}" for number in range(600)]
        spec = f"{API}\nkind: Secret\nmetadata: {{name: db}}\nspec:\n  keys: {{{': {}, '.join(keys)}: {{}}}}\n"
        case = Case(tmp_path, {"app/secrets.yaml": spec})
        for size, code in ((1740, 1), (1000, 0)):
            lines = "".join(f"{key}={'ab' * (size // 2)}\n" for key in keys)
            result = case.seal("db", "--from-env-file", "-", stdin=lines.encode())
            assert (result.exit, "the limit is 1507328" in result.output) == (code, code == 1)

    def test_the_files_that_are_made_of_values_count(self, tmp_path: Path) -> None:
        """They are a part of the Secret that the controller makes."""
        files = '  files: {a.env: {format: env, data: {TOKEN: "${secret.db.token}"}}}\n'
        case = Case(tmp_path, {"app/secrets.yaml": ANY_VALUE.replace("SCOPE", "strict") + files})
        assert case.seal("db", "token", "--stdin", stdin=b"ab" * 250_000).exit == 0
        result = case.seal("db", "token", "--stdin", stdin=b"ab" * 300_000)
        assert (result.exit, "would be 12000" in result.output) == (1, True)


class TestRotation:
    """New values on purpose."""

    def test_a_new_value_for_a_key_and_its_copies(self, sealed: Case) -> None:
        """Generated, with the next revision; other keys keep every byte."""
        before = sealed.stored("web")
        old = sealed.value("db", "password")
        assert sealed.seal("db", "--rotate", "password").exit == 0
        assert sealed.value("db", "password") == sealed.value("web", "DB_PASSWORD") != old
        after = sealed.stored("web")
        assert after.pop("DB_PASSWORD")["revision"] == 2
        assert after == {key: entry for key, entry in before.items() if key != "DB_PASSWORD"}

    @pytest.mark.parametrize("words", [("--rotate", "KEY"), ("--from-file", "KEY=-")])
    def test_what_must_stay_is_replaced_only_by_force(self, sealed: Case, words: tuple[str, ...]) -> None:
        """And one is told what breaks."""
        import base64  # noqa: PLC0415 - here alone

        value = base64.b64encode(bytes(range(32)))
        before = sealed.path("web").read_bytes()
        result = sealed.seal("web", *words, stdin=value)
        assert result.exit == 64
        assert "breaks what was made with the old one: All files are lost." in result.output
        assert sealed.path("web").read_bytes() == before
        assert sealed.seal("web", *words, "--force-rotate", stdin=value).exit == 0
        assert sealed.stored("web")["KEY"]["revision"] == 2

    def test_a_pair_is_rotated_as_one(self, sealed: Case) -> None:
        """Whichever half is named."""
        assert sealed.seal("web", "--rotate", "PUSH_PUBLIC", "--force-rotate").exit == 0
        assert sealed.value("web", "PUSH_PUBLIC") == vapid_public(sealed.value("web", "PUSH"))
        assert sealed.stored("web")["PUSH"]["revision"] == 2

    def test_a_generated_key_is_not_replaced_by_its_name_alone(self, sealed: Case) -> None:
        """Naming it is no wish for another one."""
        result = sealed.seal("db", "password")
        assert result.exit == 64
        assert "use --rotate password for a new value" in result.output

    def test_a_copy_without_its_value_is_not_made_up(self, sealed: Case) -> None:
        """The value cannot be read back, and a new one for the copy alone would be another one."""
        sealed.path("web").unlink()
        result = sealed.seal()
        assert result.exit == 1
        assert "the value that it already has, for DB_PASSWORD of web" in result.output
        assert "DB_PASSWORD" not in sealed.stored("web")
        value = sealed.value("db", "password")
        assert sealed.seal("web", "DB_PASSWORD", "--stdin", stdin=value).exit == 0
        assert sealed.stored("web")["DB_PASSWORD"]["revision"] == sealed.stored("db")["password"]["revision"] == 1
        assert sealed.value("web", "DB_PASSWORD") == value


class TestRenamed:
    """A Secret that was called otherwise when its values were sealed."""

    @pytest.fixture
    def renamed(self, sealed: Case) -> Case:
        """`web` is called `site` now."""
        text = SECRETS.replace(
            "{name: web}\nspec:\n", "{name: site}\nspec:\n  moved: [{from: secret.web, to: secret.site}]\n"
        )
        (sealed.specs / "app" / "secrets.yaml").write_text(text, encoding="utf-8")
        return sealed

    def test_what_must_stay_is_never_generated_anew(self, renamed: Case) -> None:
        """The old value is still the one that the files are encrypted with."""
        result = renamed.seal()
        assert result.exit == 1
        assert "missing: KEY of the Secret site" in result.output
        assert "the same value again" in result.output
        assert "KEY" not in renamed.stored("site")

    def test_the_same_value_again_counts_on(self, renamed: Case) -> None:
        """It comes from the cluster; giving it loses nothing, so nobody has to be forced."""
        value = renamed.value("web", "KEY")
        assert renamed.seal("site", "KEY", "--stdin", stdin=value).exit == 0
        assert renamed.value("site", "KEY") == value

    def test_what_still_opens_is_taken_over_byte_for_byte(self, case: Case) -> None:
        """With the scope `namespace-wide` the name is no part of the encryption."""
        path = case.specs / "app" / "secrets.yaml"
        wide = SECRETS.replace("{name: web}\nspec:\n", "{name: web}\nspec:\n  scope: namespace-wide\n")
        path.write_text(wide, encoding="utf-8")
        assert case.seal("web").exit == 0
        before = case.stored("web")
        moved = wide.replace(
            "{name: web}\nspec:\n", "{name: site}\nspec:\n  moved: [{from: secret.web, to: secret.site}]\n"
        )
        path.write_text(moved, encoding="utf-8")
        assert "sealed only for its former name web" in case.check().output
        result = case.seal("site")
        assert result.exit == 0, result.output
        after = case.stored("site")
        assert {key: entry["ciphertext"] for key, entry in after.items()} == {
            key: entry["ciphertext"] for key, entry in before.items()
        }
        assert not case.path("web").exists()
        assert case.check().rules <= {"secret-key-unused", "secret-not-sealed"}

    def test_another_scope_needs_the_value_again(self, sealed: Case) -> None:
        """The scope is a part of the encryption."""
        path = sealed.specs / "app" / "secrets.yaml"
        text = path.read_text(encoding="utf-8").replace(
            "{name: web}\nspec:\n", "{name: web}\nspec:\n  scope: cluster-wide\n"
        )
        path.write_text(text, encoding="utf-8")
        assert "sealed-scope-mismatch" in sealed.check().rules
        value = sealed.value("web", "KEY")
        assert sealed.seal("web", "KEY", "--stdin", stdin=value).exit == 0
        entry = sealed.stored("web")["KEY"]
        assert (entry["scope"], opened(entry["ciphertext"], "")) == ("cluster-wide", value)


class TestTwoEnvironments:
    """Which environment is meant is said."""

    def test_one_must_be_named(self, case: Case) -> None:
        """A value for the wrong one would be a leak."""
        text = f"{API}\nkind: Environment\nmetadata: {{name: staging}}\nspec: {{destination: {{name: staging}}}}\n"
        (case.specs / "environments" / "staging.yaml").write_text(text, encoding="utf-8")
        result = case.seal()
        assert result.exit == 64
        assert "-e production or -e staging" in result.output
