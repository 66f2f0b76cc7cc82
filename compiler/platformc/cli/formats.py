"""formats: findings in the chosen format.

In      findings and the options.
Out     text, for any stream.
Never   changes a result: a format only decides how it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from platformc.cli.global_options import Options
from platformc.cli.terminal import Stream
from platformc.diagnostics import Finding, Severity


def format_shortly(findings: Sequence[Finding], texts: Mapping[str, str], options: Options, stream: Stream) -> str:
    """Write findings beside another result: errors in full, the others in one line each unless -v is given.

    With -q, only errors.
    """
    if options.quiet:
        findings = [finding for finding in findings if finding.severity is Severity.ERROR]
    if options.format != "text" or options.verbose:
        return format_findings(findings, texts, options, stream)
    if not findings:
        return ""
    from platformc.diagnostics.text import render_brief, render_text

    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    rest = [finding for finding in findings if finding.severity is not Severity.ERROR]
    full = render_text(errors, texts, color=stream.color, width=options.terminal.width)
    brief = render_brief(rest, color=stream.color, elsewhere="platformc check")
    return "\n".join(part for part in (brief, full) if part)


def format_findings(findings: Sequence[Finding], texts: Mapping[str, str], options: Options, stream: Stream) -> str:
    """Write findings for a stream; `texts` has the files for snippets."""
    if options.format == "json":
        from platformc.diagnostics.json_format import render_json

        return render_json(findings)
    if options.format == "github":
        from platformc.diagnostics.github import render_github

        return render_github(findings)
    if options.format == "sarif":
        from platformc.check import all_rules
        from platformc.diagnostics.sarif import render_sarif

        return render_sarif(findings, all_rules())
    from platformc.diagnostics.text import render_text

    return render_text(findings, texts, color=stream.color, width=options.terminal.width)
