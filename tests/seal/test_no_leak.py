"""No value that goes through `platformc seal` is left anywhere but in ciphertext, whatever happens on the way.

Every path a value can take, with a canary in it: then everything that was written or said is searched for the
canary, as it is and in the forms that programs write bytes in.
"""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from watched_repository import CANARY, Place, Ran, forms


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A repository of its own."""
    return Place(tmp_path)


def test_the_search_finds_what_is_there(place: Place) -> None:
    """A search that finds nothing would make every test below agree with everything."""
    for number, form in enumerate(forms(b"\x00a" + CANARY.encode() + b"bc")):
        if CANARY.encode() in form or number in {0, 1}:
            with pytest.raises(AssertionError):
                place.assert_clean(Ran(form, 0))
    (place.case.root / "file").write_bytes(base64.b64encode(b"password=" + CANARY.encode() + b"\n"))
    with pytest.raises(AssertionError):
        place.assert_clean(Ran(b"", 0))
    (place.case.root / "file").unlink()
    with pytest.raises(AssertionError):  # it is gone from the folder, and still in git
        place.assert_clean(Ran(b"", 0))


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
    place.assert_clean(ran, given=(outside,))


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
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_value_that_is_refused(place: Place, words: tuple[str, ...], code: int) -> None:
    """No error shows a part of it, with -v neither."""
    for verbose in ((), ("-v",)):
        ran = place.run(*words, *verbose, stdin=CANARY.encode())
        assert ran.code in {code, 69}, ran.output
        place.assert_clean(ran)


def test_a_value_where_nothing_can_be_written(place: Place) -> None:
    """The disk refuses: nothing half-written stays behind."""
    (place.case.specs / "sealed").write_text("a file in the place of the folder\n", encoding="utf-8")
    ran = place.run("db", "token", "--stdin", stdin=CANARY.encode())
    assert ran.code == 69
    place.assert_clean(ran)


@pytest.mark.parametrize("verbose", [(), ("-v",)], ids=["quiet", "verbose"])
def test_a_crash(tmp_path: Path, verbose: tuple[str, ...]) -> None:
    """A library fails with the value in its message; the report names the place alone."""
    place = Place(tmp_path, crash=True)
    ran = place.run("db", "token", "--stdin", *verbose, stdin=CANARY.encode())
    assert ran.code == 70, ran.output
    assert b"platformc has a bug" in ran.output
    assert b"ValueError" in ran.output
    assert (b"Traceback" in ran.output) == bool(verbose)
    place.assert_clean(ran)


def test_a_value_that_is_typed(place: Place) -> None:
    """The terminal does not show it, the question says what it is for."""
    ran = place.typed("db", "token", keys=[CANARY.encode(), CANARY.encode()])
    assert ran.code == 0, ran.output
    assert b"From the portal." in ran.output
    assert place.case.value("db", "token") == CANARY.encode()
    place.assert_clean(ran)


def test_a_value_that_is_typed_wrong_and_again(place: Place) -> None:
    """Twice something else, then twice alike."""
    value = CANARY.encode()
    ran = place.typed("db", "token", keys=[value, value + b"x", value, value])
    assert ran.code == 0, ran.output
    assert b"the two are not the same" in ran.output
    place.assert_clean(ran)


def test_an_interrupt(place: Place) -> None:
    """Ctrl-C at the second question: nothing is sealed, and nothing of the first answer is left."""
    ran = place.typed("db", "token", keys=[CANARY.encode()], interrupt=True)
    assert ran.code == 130, ran.output
    assert b"interrupted" in ran.output
    assert not place.case.path("db").exists()
    place.assert_clean(ran)


def test_generated_values_are_shown_nowhere(place: Place) -> None:
    """Nobody has to know them."""
    ran = place.run("db", "--rotate", "push", "-v")
    assert ran.code == 0, ran.output
    place.assert_clean(ran, place.case.value("db", "push"))
