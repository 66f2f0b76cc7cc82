"""rules: list all rules of findings."""

from __future__ import annotations

import json

from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb


@verb("rules", "platformc rules", "platformc rules --format json", "platformc rule image-tag-mutable")
def command(options: Options) -> int:
    """List all rules with their severity. `platformc rule ID` explains one."""
    only_formats(options, "text", "json")
    from platformc.check import all_rules

    rules = sorted(all_rules(), key=lambda rule: rule.id)
    if options.format == "json":
        listed = [
            {"id": rule.id, "severity": rule.severity.value, "family": rule.family, "summary": rule.summary}
            for rule in rules
        ]
        options.terminal.out.write(json.dumps({"schemaVersion": 1, "rules": listed}, indent=2) + "\n")
        return 0
    longest = max((len(rule.id) for rule in rules), default=0)
    lines = (f"{rule.id:<{longest}}  {rule.severity:<7}  {rule.summary}\n" for rule in rules)
    options.terminal.out.write("".join(lines))
    return 0
