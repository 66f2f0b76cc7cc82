"""Every error of the language, as a user sees it; see cases_runner."""

from __future__ import annotations

from pathlib import Path

import pytest
import txtar
from cases_runner import BASE, ENDING, Result, all_cases, expected, name_of, rewrite, run, run_case
from platformc.rules.registry import LANGUAGE_RULES

CASES = all_cases()
ELSEWHERE = {
    "addon-downgraded": "needs two states; tests/safety",
    "addon-removed": "needs two states; tests/safety",
    "applications-renamed": "needs two states; tests/safety",
    "aws-account-changed": "needs two states; tests/safety",
    "claim-scope-changed": "needs two states; tests/safety",
    "cluster-changed": "needs two states; tests/safety",
    "composition-missing-field": "needs the provider's schemas; tests/check",
    "composition-patch-left-out": "needs the provider's schemas; tests/check",
    "composition-unknown-kind": "needs the provider's schemas; tests/check",
    "composition-wrong-scope": "needs the provider's schemas; tests/check",
    "data-removed": "needs two states; tests/safety",
    "data-unprotected": "needs two states; tests/safety",
    "environment-removed": "needs two states; tests/safety",
    "file-too-large": "a file of several megabytes; here below",
    "file-unreadable": "git keeps no such file; here below",
    "immutable-field": "needs two states; tests/safety",
    "mount-changed": "needs two states; tests/safety",
    "ownership-index-broken": "needs a written tree; tests/tree",
    "render-journal-broken": "needs an interrupted write; tests/tree",
    "rendered-file-edited": "needs a written tree; tests/tree",
    "rendered-file-foreign": "needs a written tree; tests/tree",
    "rendered-source-changed": "needs two states; tests/safety",
    "rendered-stale": "needs a written tree; tests/tree",
    "rendered-symlink": "needs a written tree; tests/tree",
    "retention-shortened": "needs two states; tests/safety",
    "schema-invalid": "needs kubeconform; tests/check",
    "schema-missing": "needs kubeconform; tests/check",
    "ttl-dropped": "needs two states; tests/safety",
    "unknown-environment": "the command line is asked first; the case values/unknown-environment",
    "value-refused": "needs a value to be sealed; tests/seal",
    "volume-replaced": "needs two states; tests/safety",
    "volume-shrinks": "needs two states; tests/safety",
}
"""Rules without a case -> why, and where they are tested."""


def test_cases_are_found() -> None:
    """A moved folder must not turn the suite green."""
    names = {name_of(case) for case in CASES}
    assert {"references/unknown-reference", "fields/unknown-field", "good/profiles", "yaml/yaml-alias--bomb"} <= names
    assert len(names) > 150


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_case(case: Path, tmp_path: Path) -> None:
    """The command says what stands in the case, and leaves with that code."""
    assert run_case(case, tmp_path) == expected(case)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_case_shows_what_its_name_says(case: Path) -> None:
    """A case called like a rule shows that rule, and no other one; a good case has no error."""
    result = expected(case)
    family, name = name_of(case).split("/")
    assert "Traceback" not in result.output
    if family == "good":
        assert result.exit == 0
        assert "error" not in result.output.split("\n")[0]
    elif name != "unknown-environment":  # a mistake in the command line has no rule
        assert result.rules == {name.partition("--")[0]}


def test_the_base_has_no_finding(tmp_path: Path) -> None:
    """What a case shows is its own doing."""
    result = run(["--specs", str(BASE / "specs"), "--no-color", "check", "--no-validate"], tmp_path)
    assert result == Result("checked 2 environments\n", 0)


def test_every_rule_has_a_case() -> None:
    """A finding that nobody has seen is one that nobody has read critically; policies have theirs in tests/check."""
    shown = {rule for case in CASES for rule in expected(case).rules}
    assert {rule.id for rule in LANGUAGE_RULES} - shown == ELSEWHERE.keys()


def _with(tmp_path: Path, name: str, text: str) -> Result:
    case = tmp_path / "case"
    path = case / "specs" / name
    path.parent.mkdir(parents=True)
    (case / "command").write_text("check --no-validate\n", encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    return run_case(case, tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    """Nothing is parsed of it."""
    result = _with(tmp_path, "bot/huge.yaml", "# filler\n" * 600_000)
    assert result.exit == 1
    assert "error[file-too-large]: the file is 5 MiB large\n --> specs/bot/huge.yaml\n" in result.output
    assert result.output.endswith("\nerror: 1 error\n")


def test_copies_of_copies_have_an_end(tmp_path: Path) -> None:
    """Following all of a long chain for each of its keys would take the square of its length."""
    copies = "".join(f"    K{number}: {{copyOf: secret.chain.K{number + 1}}}\n" for number in range(21))
    head = "apiVersion: platformc.dev/v1alpha1\nkind: Secret\nmetadata: {name: chain}\nspec:\n  keys:\n"
    text = f"{head}{copies}    K21: {{generate: {{type: password, length: 40}}}}\n"
    result = _with(tmp_path, "bot/chain.yaml", text)
    assert result.output.count("error[copy-cycle]") == 1
    assert "error[copy-cycle]: K0 of chain is more than 20 copies away from a value\n" in result.output


def test_a_folder_that_is_called_like_a_file_is_read_as_a_folder(tmp_path: Path) -> None:
    """Only files are files."""
    assert _with(tmp_path, "bot/more.yaml/empty.yaml", "").exit == 0


def test_a_file_that_nobody_may_read_is_a_finding(tmp_path: Path) -> None:
    """A pipe would be waited for for ever."""
    import os  # noqa: PLC0415 - here alone

    case = tmp_path / "case" / "specs" / "bot"
    case.mkdir(parents=True)
    (tmp_path / "case" / "command").write_text("check --no-validate\n", encoding="utf-8")
    repository = tmp_path / "repository"
    result = run_case(tmp_path / "case", tmp_path)
    assert result.exit == 0
    os.mkfifo(repository / "specs" / "bot" / "pipe.yaml")
    result = run(["--specs", str(repository / "specs"), "--no-color", "check", "--no-validate"], tmp_path)
    assert result.output.startswith("error[file-unreadable]: not a regular file\n --> specs/bot/pipe.yaml\n")
    assert result.output.endswith("\nerror: 1 error\n")


def test_no_case_is_without_its_expectations() -> None:
    """`make cases` writes them."""
    assert all(expected(case).output for case in CASES)


def test_a_case_has_one_form() -> None:
    """A file and a folder with one name would be two cases for one id; what lies beside them is no case."""
    assert len({name_of(case) for case in CASES}) == len(CASES)
    assert [case for case in CASES if case.is_file() and case.suffix != ENDING] == []


@pytest.mark.parametrize("case", [case for case in CASES if case.is_dir()], ids=name_of)
def test_a_folder_holds_what_no_file_could(case: Path) -> None:
    """Else a case is one file, which is read in one look."""
    paths = [path for path in case.rglob("*") if not path.is_dir()]
    if any(path.is_symlink() for path in paths):
        return
    with pytest.raises((txtar.NotHeldError, UnicodeDecodeError)):
        txtar.unparse(txtar.Archive("", {path.name: path.read_bytes().decode() for path in paths}))


DOCUMENT = """\
-- specs/bot/extra.yaml --
apiVersion: platformc.dev/v1alpha1
kind: Config
metadata: {name: extra}
spec: {files: {a.txt: {text: "1" }}}   # kept as it stands

"""
CHECKED = "-- output --\nchecked 2 environments\n"
RIGHT = "-- exit --\n0\n"
MISTYPED = "-- command --\nchekc\n"
NO_VERB = """\
-- output --
error: platformc has no verb `chekc`
  = help: did you mean `check`?
"""
REMOVED = "-- specs/platform.yaml.delete --\n"
MISSING = """\
-- output --
error[platform-missing]: the specs contain no Platform
 --> specs/platform.yaml
  = help: add one to specs/platform.yaml

error: 1 error
"""
OTHER = "-- output --\nother\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (DOCUMENT, DOCUMENT + CHECKED + RIGHT),
        (DOCUMENT + OTHER + RIGHT, DOCUMENT + CHECKED + RIGHT),
        (RIGHT + OTHER + DOCUMENT, RIGHT + CHECKED + DOCUMENT),
        (f"{MISTYPED}{OTHER}{RIGHT}", f"{MISTYPED}{NO_VERB}-- exit --\n64\n"),
        (RIGHT + OTHER + REMOVED, MISSING + REMOVED),
    ],
)
def test_writing_expectations_keeps_all_else(tmp_path: Path, before: str, after: str) -> None:
    """Comment, documents and the order of all are a person's."""
    family = tmp_path / "family"
    family.mkdir()
    case = family / f"name{ENDING}"
    case.write_text(f"Why there is this case.\n\n{before}", encoding="utf-8")
    assert rewrite(case)
    assert case.read_text(encoding="utf-8") == f"Why there is this case.\n\n{after}"
    assert not rewrite(case)
