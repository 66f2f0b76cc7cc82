"""What the formats for people say, and what they do not."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from golden_reports import as_markdown
from platformc.diagnostics import Span
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.formats.github import render_github
from platformc.diff.formats.markdown import render_markdown
from platformc.diff.formats.text import render_text
from platformc.diff.formats.values import LONGEST_COMPARED, difference, shortened
from platformc.diff.formats.words import NOUNS, ROUTINE_NOUNS, headline, tally
from platformc.diff.report import Entry, Report
from reports import BOTH, at, cause, effect, report, update, value
from sample_reports import SAMPLES

SGR = re.compile(r"\x1b\[[0-9;]+m")


class TestHeadline:
    """Ten seconds begin with one line."""

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("new-image", "2 restarts in production and staging; nothing is refused, lost or opened"),
            ("nothing", "nothing changes; 2 differences mean the same as before"),
            ("fleet", "1 refused change and 9 updates in 10 environments; nothing is lost or opened"),
        ],
    )
    def test_it_says_what_happens_and_what_does_not(self, name: str, said: str) -> None:
        """In the first line of text and markdown."""
        assert headline(SAMPLES[name]()) == said
        assert render_text(SAMPLES[name](), color=False, width=200, verbose=False).startswith(f"{said}\n")

    def test_it_calms_nobody_about_what_is_not_known(self) -> None:
        """A chart, and an environment that does not compile."""
        assert headline(SAMPLES["chart-unknown"]()) == (
            "1 change of a chart in production; nothing is known to be refused, lost or opened; "
            "what 1 chart does is not known; nothing is known of staging"
        )
        assert headline(report(unknown={"staging": "it does not compile"})) == (
            "nothing is known to change; nothing is known of staging"
        )

    def test_every_verdict_and_kind_has_a_noun(self) -> None:
        """A new one fails here."""
        assert set(NOUNS) == set(Verdict) - {Verdict.ROUTINE}
        assert set(ROUTINE_NOUNS) == set(EffectKind)

    def test_an_update_is_not_counted_beside_what_it_causes(self) -> None:
        """The object restarts because it is updated; in another environment it may only be updated."""
        restart = effect(EffectKind.RESTART, Verdict.RESTART, "Deployment a/b", "restarts", ("staging",))
        assert tally([restart, update("Deployment a/b")]) == ["1 restart", "1 update"]
        assert tally([restart, update("Deployment a/b")], ("staging",)) == ["1 restart"]
        assert tally([update("Deployment a/b")], ("production",)) == ["1 update"]


class TestColumns:
    """The same cause in several environments is one row."""

    def test_what_is_the_same_says_so(self) -> None:
        """So that what differs stands out."""
        assert "| same |" in as_markdown(SAMPLES["new-image"]())
        assert "**(not so in staging)**" in as_markdown(SAMPLES["config-value"]())

    def test_an_environment_without_effects_of_a_cause_has_a_dash(self) -> None:
        """Not an empty cell."""
        assert "| – |" in as_markdown(SAMPLES["port-exposed"]())  # noqa: RUF001

    def test_environments_that_are_alike_share_one(self) -> None:
        """Where there are many."""
        made = as_markdown(SAMPLES["fleet"]())
        assert "| cause | 9 environments<br>" in made

    def test_environments_without_a_column_are_counted_in_one(self) -> None:
        """Those with the gravest effects have one."""
        names = tuple(f"e{number}" for number in range(12))
        entries = [
            Entry(
                (cause("Workload a/b", "replicas", "1", "2", at("specs/a.yaml", number + 1)),),
                (effect(EffectKind.DATA, Verdict(2 + number // 11), f"Table a/{name}", "changes", (name,)),),
            )
            for number, name in enumerate(reversed(names))
        ]
        made = as_markdown(report(*entries, names=names))
        assert "| cause | `e1`" in made
        assert " | 7 other environments |\n" in made
        assert " | – | – | – | – | – | 1 loss of protection |\n" in made  # noqa: RUF001


class TestRows:
    """A table is read in seconds, or not at all."""

    def test_several_causes_are_named_without_their_values(self) -> None:
        """Each is a link to its line; the values are in the blocks."""
        causes = tuple(cause(f"Workload a/{name}", "image", "1", "2", at("specs/a.yaml", 3)) for name in "bcdef")
        entry = Entry(causes, (effect(EffectKind.RESTART, Verdict.RESTART, "Deployment a/b", "restarts"),))
        made = as_markdown(report(entry))
        head = made[made.index("| **restart**") : made.index("| `Deployment a/b`")]
        assert head.count("[`Workload a/") == 3
        assert "and 2 more causes" in head
        assert "→" not in head
        assert made.count("`1` → `2`") == 5

    def test_much_that_is_routine_is_one_row(self) -> None:
        """What is dangerous always has its own."""
        routine = [
            Entry((cause(f"Workload a/w{number}"),), (update(f"Deployment a/w{number}"),)) for number in range(20)
        ]
        grave = [
            Entry(
                (cause(f"Table a/t{number}"),),
                (effect(EffectKind.DATA, Verdict.DATA_LOSS, f"Table a/t{number}", "is deleted"),),
            )
            for number in range(20)
        ]
        made = as_markdown(report(*grave, *routine))
        assert made.count("\n| **data loss**<br>") == 20
        assert made.count("\n| **update**<br>") == 6
        assert "| 14 more entries, folded below | 14 updates | same |" in made
        assert made.count("- **update** ") == 20


class TestAlike:
    """Effects that say the same are said once."""

    def test_objects_with_the_same_effect_are_listed(self) -> None:
        """The sentence once, then their names."""
        made = as_markdown(SAMPLES["environment-renamed"]())
        assert (
            "- **downtime** 60 objects each in production: is deleted with its environment: `Deployment stoat/service-00`"
            in made
        )

    def test_values_may_differ_between_environments(self) -> None:
        """Checksums do, though the effect is the same."""
        entry = Entry(
            (cause("Config a/b", "x", "1", "2", at("specs/a.yaml", 3)),),
            (
                effect(
                    EffectKind.RESTART,
                    Verdict.RESTART,
                    "Deployment a/b",
                    "restarts",
                    BOTH,
                    fields=tuple(
                        replace(value("checksum", f"{name} 1", f"{name} 2"), environments=(name,)) for name in BOTH
                    ),
                ),
            ),
        )
        made = as_markdown(report(entry))
        assert (
            "- **restart** `Deployment a/b`: restarts\n"
            "  - in production: `checksum`: `production 1` → `production 2`\n"
            "  - in staging: `checksum`: `staging 1` → `staging 2`\n"
        ) in made

    def test_what_is_not_dangerous_is_folded_beside_what_is(self) -> None:
        """And counted."""
        made = as_markdown(SAMPLES["secret-rotated"]())
        shown, folded = made.split("<details><summary>Besides: 1 restart and 1 change of a secret</summary>")
        assert "- **downtime** `StatefulSet discord-bot/redis`" in shown
        assert "- **restart** `Deployment discord-bot/bot`" in folded


class TestValues:
    """Changed values, cut with a count."""

    def test_cuts_say_how_much(self) -> None:
        """And are not made for nothing."""
        assert shortened("x" * 60, 30) == f"{'x' * 30}… (30 more characters)"
        assert shortened("x" * 45, 30) == "x" * 45

    def test_texts_of_several_lines_are_compared(self) -> None:
        """With two lines around."""
        lines = [f"line {number}" for number in range(20)]
        changed = [*lines[:9], "other", *lines[10:]]
        made = difference(value("data.x", "\n".join(lines), "\n".join(changed)), 30)
        assert made == [
            "@@ -8,5 +8,5 @@", " line 7", " line 8", "-line 9", "+other", " line 10", " line 11",
        ]  # fmt: skip

    def test_what_is_left_out_is_counted(self) -> None:
        """Long differences, texts that take too long, line breaks."""
        assert difference(value("x", None, "\n".join("ab" for _ in range(50))), 5)[-1] == "@ 46 more lines"
        long = "x\n" * (LONGEST_COMPARED + 1)
        assert difference(value("x", long, "y\n"), 5) == ["@ 2,001 lines before, 1 line after"]
        assert difference(value("x", "a\nb\n", "a\nb"), 5) == ["@ only the breaks between lines differ"]


class TestText:
    """What a terminal shows."""

    @pytest.mark.parametrize("name", sorted(SAMPLES))
    @pytest.mark.parametrize("verbose", [False, True])
    def test_colour_changes_no_word(self, name: str, verbose: bool) -> None:  # noqa: FBT001 - a case
        """And is there."""
        made = render_text(SAMPLES[name](), color=True, width=90, verbose=verbose)
        assert SGR.search(made)
        assert SGR.sub("", made) == render_text(SAMPLES[name](), color=False, width=90, verbose=verbose)

    def test_wide_characters_are_measured(self) -> None:
        """Two columns each."""
        wide = "\u6f22" * 10
        made = render_text(
            report(Entry((), (effect(EffectKind.DOWNTIME, Verdict.DOWNTIME, wide, f"{wide} {wide} {wide}"),))),
            color=False,
            width=60,
            verbose=False,
        )
        assert [line.strip() for line in made.splitlines() if wide in line] == [
            f"downtime  {wide}: {wide}",
            f"{wide} {wide}",
        ]


class TestGitHub:
    """Annotations on the changed lines."""

    def test_what_gates_is_a_warning(self) -> None:
        """Unless the spec accepts all of it; what gates can be chosen."""
        assert render_github(SAMPLES["config-value"]()).startswith("::warning file=specs/stoat/config.yaml,line=9,")
        assert render_github(SAMPLES["config-value"](), fail_on=(Verdict.DATA_LOSS,)).startswith("::notice ")
        assert render_github(SAMPLES["new-image"]()).startswith("::notice ")

    def test_what_was_removed_has_no_line(self) -> None:
        """The place of the base is in the text."""
        made = render_github(SAMPLES["table-removed"]())
        assert made.startswith("::warning title=data loss::specs/discord-bot/tables.yaml:31:3 of the base%0A")

    def test_a_place_is_annotated_once(self) -> None:
        """However many causes stand there."""
        twice = Entry(
            (
                cause("Workload a/b", "image", "1", "2", Span("a.yaml", 3)),
                cause("Workload a/c", "image", "1", "2", Span("a.yaml", 3)),
            ),
            (effect(EffectKind.RESTART, Verdict.RESTART, "Deployment a/b", "restarts"),),
        )
        assert render_github(report(twice)).count("\n") == 1


class TestMarkdown:
    """The comment of a pull request."""

    def test_the_upgrade_comes_first(self) -> None:
        """Before the table, folded if it is routine."""
        found = SAMPLES["new-image"]()
        routine = report(
            *found.entries, upgrade=(Entry((cause("", before="1", after="2"),), (update("Deployment a/b"),)),)
        )
        made = render_markdown(routine)
        assert made.index("<details><summary>Without this change") < made.index("| cause |")
        assert "#### Without this change" in render_markdown(SAMPLES["compiler-upgrade"]())

    def test_accepted_effects_lead(self) -> None:
        """With their reason and line."""
        made = as_markdown(SAMPLES["table-removed"]())
        assert made.index("because: moved to the new table") < made.index("| cause |")

    def test_places_are_links_only_where_files_are_shown(self) -> None:
        """Of the base, in the base."""
        assert "](<" not in render_markdown(SAMPLES["table-removed"]())
        assert "/blob/1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d/specs/discord-bot/tables.yaml#L31>)" in as_markdown(
            SAMPLES["table-removed"]()
        )

    @pytest.mark.parametrize("path", ["../../x", "/etc/passwd", "a//b", "./a", "a" * 1_000])
    def test_a_path_that_leads_elsewhere_is_no_link(self, path: str) -> None:
        """A browser would follow it out of the repository."""
        entry = Entry((cause("Workload a/b", at=Span(path, 3)),), (update("Deployment a/b"),))
        assert "](<https://github.com/example/platform/blob" not in as_markdown(report(entry))

    def test_sides_without_a_graph_are_told(self) -> None:
        """Nobody wonders where the causes are."""
        found = SAMPLES["nothing"]()
        bare = Report(
            found.base.__class__("rendered/", "", BOTH),
            found.head,
            found.compiler,
            found.environments,
            (),
            (),
            (),
            (),
            {},
            (),
        )
        assert "**No causes:** of `rendered/`, only files are known in production and staging" in render_markdown(bare)
        assert "of rendered/, only files are known in production and staging" in render_text(
            bare, color=False, width=120, verbose=False
        )
