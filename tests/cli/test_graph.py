"""The verb `graph`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from platformc.cli import main

SPECS = str(Path(__file__).parents[1] / "graph" / "specs")


def graph(*words: str) -> int:
    """Run the verb on the small platform."""
    return main(["--specs", SPECS, "--no-color", "graph", *words])


class TestEnvironments:
    """Which environments are shown."""

    @pytest.mark.parametrize("language", ["dot", "mermaid", "text"])
    def test_the_first_by_default(self, language: str, capsys: pytest.CaptureFixture[str]) -> None:
        """One is shown, and stderr tells which."""
        assert graph("--as", language) == 0
        out, err = capsys.readouterr()
        assert err == "this is production; use -e for staging\n"
        assert graph("--as", language, "-e", "production") == 0
        assert capsys.readouterr() == (out, "")

    def test_json_has_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Both ways to ask for JSON give all environments, or those that are named."""
        assert graph("--as", "json") == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert [one["environment"] for one in json.loads(out)["environments"]] == ["production", "staging"]
        assert graph("--format", "json") == 0
        assert capsys.readouterr().out == out
        assert graph("--format", "json", "-e", "staging") == 0
        assert [one["environment"] for one in json.loads(capsys.readouterr().out)["environments"]] == ["staging"]

    def test_several_named(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A list can show several, a drawing cannot."""
        assert graph("-e", "staging", "-e", "production") == 0
        out = capsys.readouterr().out
        assert out.index("staging: ") < out.index("production: ")
        assert graph("--as", "dot", "-e", "staging", "-e", "production") == 64
        assert "a drawing shows a single environment" in capsys.readouterr().err


class TestImpact:
    """What would notice a change."""

    def test_environments_together(self, capsys: pytest.CaptureFixture[str]) -> None:
        """All environments count; where they agree, they are told at once."""
        assert graph("--impact", "table/orders") == 0
        head = "a change of Table shop/orders affects 3 of 13 documents in production and staging\n"
        assert capsys.readouterr().out.startswith(head)
        assert graph("--impact", "table/orders", "--as", "json") == 0
        impacts = json.loads(capsys.readouterr().out)["impacts"]
        assert [(one["environment"], len(one["touched"])) for one in impacts] == [("production", 3), ("staging", 3)]

    def test_kind_of_the_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An object stands for the document that makes it."""
        assert graph("--impact", "StatefulSet/store") == 0
        assert capsys.readouterr().out.startswith("a change of Workload shop/store affects ")

    @pytest.mark.parametrize(
        ("words", "message", "hint"),
        [
            (["--impact", "workload/wep"], "there is no document `workload/wep`", "did you mean `workload/web`"),
            (["--impact", "zzz"], "there is no document `zzz`", "write KIND/NAME"),
            (["--impact", "profile/a"], "there is no document `profile/a`", "platformc explain FILE"),
            (["--impact", "workload/web", "--as", "dot"], "--impact cannot be drawn as dot", "--as text"),
            (["--as", "dot", "--format", "json"], "--format json and --as dot contradict", "remove one"),
            (["--format", "sarif"], "does not support the format `sarif`", "--format text or json"),
            (["-e", "stagin"], "there is no environment stagin", "did you mean `staging`"),
        ],
    )
    def test_usage(self, words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Wrong usage is told with a way out."""
        assert graph(*words) == 64
        out, err = capsys.readouterr()
        assert out == ""
        assert message in err
        assert hint in err


class TestErrors:
    """Specs that cannot be drawn."""

    def test_unbound_reference(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """With an error there is no graph: a missing edge would be a lie."""
        for path in Path(SPECS).rglob("*.yaml"):
            copied = tmp_path / "specs" / path.relative_to(SPECS)
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_text(path.read_text().replace("table: orders", "table: order"))
        assert main(["--specs", str(tmp_path / "specs"), "graph"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert "error[unknown-reference]" in err

    def test_no_specs(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A folder that is not there is wrong usage."""
        assert main(["--specs", str(tmp_path / "specs"), "graph"]) == 64
        assert "there is no folder" in capsys.readouterr().err
