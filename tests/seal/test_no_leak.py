"""No value that goes through `platformc seal` is left anywhere but in ciphertext, whatever happens on the way.

Every path a value can take, with a canary in it: then everything that was written or said is searched for the
canary, as it is and in the forms that programs write bytes in.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from watched_repository import CANARY, CRASH, LEAK, WITNESS, Place, Ran, forms

pytestmark = pytest.mark.slow  # a process for each way that a value can take


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A repository of its own."""
    return Place(tmp_path)


def test_the_search_finds_what_is_there(place: Place) -> None:
    """A search that finds nothing would make every test below agree with everything."""
    for number, form in enumerate(forms(b"\x00a" + CANARY.encode() + b"bc")):
        if CANARY.encode() in form or number in {0, 1}:
            assert place.leaks(Ran(form, 0)) == {"output"}
    file = place.case.root / "file"
    file.write_bytes(base64.b64encode(b"password=" + CANARY.encode() + b"\n"))
    found = place.leaks(Ran(b"", 0))
    assert "repository/file" in found
    file.unlink()
    assert place.leaks(Ran(b"", 0)) == found - {"repository/file"} != set()  # it is still in git


@pytest.mark.parametrize(
    ("leak", "place_of_it"),
    [
        ("print(text)", "output"),
        ("sys.stderr.write(repr(text))", "output"),
        ("sys.stderr.write(urllib.parse.quote(text, safe=''))", "output"),
        ("pathlib.Path(tempfile.gettempdir(), 'x').write_bytes(value)", "tmp/x"),
        (
            "pathlib.Path(os.environ['PLATFORMC_CACHE'], 'x').write_bytes(base64.b64encode(b'token=' + value))",
            "cache/x",
        ),
        ("pathlib.Path.home().joinpath('.x').write_text(urllib.parse.quote_plus(text))", "home/.x"),
        ("pathlib.Path('.git/x').write_bytes(value.hex().encode())", "repository/.git/x"),
    ],
    ids=["print", "repr", "url", "temporary", "cache-base64", "home-form", "git-hex"],
)
def test_the_search_finds_a_leak_that_was_planted(tmp_path: Path, leak: str, place_of_it: str) -> None:
    """In a real run that lets the value out in one more way: the tests below are not green for want of looking."""
    place = Place(tmp_path, start=LEAK.format(leak=leak))
    ran = place.run("db", "token", "--stdin", stdin=CANARY.encode())
    assert ran.code == 0, ran.output
    assert place.leaks(ran) == {place_of_it}


def test_nothing_is_written_where_nobody_looks(tmp_path: Path) -> None:
    """All that is opened for writing lies below the folder that is searched."""
    report = tmp_path / "report"
    place = Place(tmp_path, start=WITNESS.format(report=str(report)))
    ran = place.run("db", "token", "--stdin", "-v", stdin=CANARY.encode())
    assert ran.code == 0, ran.output
    opened = {line for line in report.read_text(encoding="utf-8").splitlines() if line != "/dev/null"}
    assert any("app.db.yaml" in path for path in opened)
    assert {path for path in opened if not (place.case.root / path).is_relative_to(tmp_path)} == set()


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
@pytest.mark.parametrize("way", ["stdin", "file", "env-file"])
def test_a_value_that_is_sealed(place: Place, way: str, verbose: tuple[str, ...]) -> None:
    """It stands nowhere but where the person had it."""
    outside = place.root / "given"
    value = CANARY.encode()
    words, stdin = {
        "stdin": (("db", "token", "--stdin"), value),
        "file": (("db", "--from-file", f"token={outside}"), b""),
        "env-file": (("db", "--from-env-file", str(outside)), b""),
    }[way]
    outside.write_bytes(value if way == "file" else b"token=" + value + b"\n")
    ran = place.run(*words, *verbose, stdin=stdin)
    assert ran.code == 0, ran.output
    assert place.case.value("db", "token") == value
    assert place.leaks(ran, given=(outside,)) == set()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("db", "strict", "--stdin"), 1),
        (("db", "key", "--stdin"), 1),
        (("db", "push", "--stdin"), 1),
        (("db", "nothing", "--stdin"), 64),
        (("nothing", "token", "--stdin"), 64),
        (("db", "--from-env-file", "-"), 64),
        (("--import", "/dev/stdin"), 1),
        (("--fetch-certificate", "/dev/stdin"), 69),
        (("db", "token", CANARY), 64),
        (("db", f"token={CANARY}"), 64),
        (("--rotate", CANARY), 64),
        (("db", "--from-file", CANARY), 64),
        (("db", "--from-file", f"token={CANARY}"), 69),
        (("db", "--from-env-file", CANARY), 69),
        (("db", "--from-env-file", f"token={CANARY}"), 69),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_value_that_is_refused(place: Place, words: tuple[str, ...], code: int) -> None:
    """No error shows a part of it, with -v neither."""
    for verbose in ((), ("-v",)):
        ran = place.run(*words, *verbose, stdin=CANARY.encode())
        assert ran.code in {code, 69}, ran.output
        assert place.leaks(ran) == set()


def test_a_value_where_nothing_can_be_written(place: Place) -> None:
    """The disk refuses: nothing half-written stays behind."""
    (place.case.specs / "sealed").write_text("a file in the place of the folder\n", encoding="utf-8")
    ran = place.run("db", "token", "--stdin", stdin=CANARY.encode())
    assert ran.code == 69
    assert place.leaks(ran) == set()


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
def test_a_crash(tmp_path: Path, verbose: tuple[str, ...]) -> None:
    """A library fails with the value in its message; the report names the place alone."""
    place = Place(tmp_path, start=CRASH)
    ran = place.run("db", "token", "--stdin", *verbose, stdin=CANARY.encode())
    assert ran.code == 70, ran.output
    assert b"platformc has a bug" in ran.output
    assert b"ValueError" in ran.output
    assert (b"Traceback" in ran.output) == bool(verbose)
    assert place.leaks(ran) == set()


def test_a_value_that_is_typed(place: Place) -> None:
    """The terminal does not show it, the question says what it is for."""
    ran = place.typed("db", "token", keys=[CANARY.encode(), CANARY.encode()])
    assert ran.code == 0, ran.output
    assert b"From the portal." in ran.output
    assert place.case.value("db", "token") == CANARY.encode()
    assert place.leaks(ran) == set()


def test_a_value_that_is_typed_wrong_and_again(place: Place) -> None:
    """Twice something else, then twice alike."""
    value = CANARY.encode()
    ran = place.typed("db", "token", keys=[value, value + b"x", value, value])
    assert ran.code == 0, ran.output
    assert b"the values do not match" in ran.output
    assert place.leaks(ran) == set()


def test_a_value_that_is_typed_and_refused(place: Place) -> None:
    """Three times; what is wrong with it is said without it."""
    ran = place.typed("db", "strict", keys=[CANARY.encode()] * 6)
    assert ran.code == 1, ran.output
    assert ran.output.count(b"does not match the pattern [a-z]+") == 3
    assert place.leaks(ran) == set()


def test_an_interrupt(place: Place) -> None:
    """Ctrl-C at the second question: nothing is sealed, and nothing of the first answer is left."""
    ran = place.typed("db", "token", keys=[CANARY.encode()], interrupt=True)
    assert ran.code == 130, ran.output
    assert b"interrupted" in ran.output
    assert not place.case.path("db").exists()
    assert place.leaks(ran) == set()


def test_generated_values_are_shown_nowhere(place: Place) -> None:
    """Nobody has to know them."""
    ran = place.run("db", "--rotate", "push", "-v")
    assert ran.code == 0, ran.output
    assert place.leaks(ran, place.case.value("db", "push")) == set()
