"""Rules about configuration that a program merges from an open file and a secret one."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_case import Case, assert_clean, assert_found_once
from small_platform import compiled, document, line, pod, secret, workload

RULE = "config-repeats-secret"
FILES = "/etc/bot/app.toml: {config: open, key: app.toml}, /etc/bot/app.secret.toml: {secret: closed, key: s.toml}"


def config(content: str, name: str = "app.toml", file_format: str = "toml") -> str:
    """A Config with data, all on the line that is meant."""
    return line("Config", "open", f"{{files: {{{name}: {{format: {file_format}, data: {content}}}}}}}")


def closed(content: str, name: str = "s.toml", file_format: str = "toml") -> str:
    """A Secret with a file."""
    return secret("closed", "{pw: {}}", f"{{{name}: {{format: {file_format}, data: {content}}}}}")


def reader(mounts: str) -> str:
    """A program that reads files, and the Secret's key, so that it is used."""
    return workload(mounts=f"{{{mounts}}}", env='{PW: "${secret.closed.pw}"}')


FILLED = '{database: {password: "${secret.closed.pw}"}}'
OF_A_RAW_POD = pod(
    {"volumeMounts": "[{name: open, mountPath: /etc/open}, {name: closed, mountPath: /a.toml, subPath: s.toml}]"},
    volumes="[{name: open, configMap: {name: open}}, {name: closed, secret: {secretName: closed}}]",
).replace("metadata: {name: tool}", "metadata: {name: tool, namespace: app}")
FOLDERS = "/etc/open: {config: open}, /etc/closed: {secret: closed}"

CASES = (
    Case(
        RULE,
        (config('{database: {host: db, password: ""}}'), closed(FILLED), reader(FILES)),
        (config("{database: {host: db}}"), closed(FILLED), reader(FILES)),
        at='""',
    ),
    Case(
        RULE,
        (config("{database: {host: db}}"), closed("{database: {host: other}}"), reader(FILES)),
        (config("{database: {port: 1}}"), closed("{database: {host: other}}"), reader(FILES)),
        at="db",
        name="layers-by-name",
    ),
    Case(
        RULE,
        (config("{database: none}"), closed(FILLED), reader(FILES)),
        (config("{database: {}}"), closed(FILLED), reader(FILES)),
        name="map-and-text",
    ),
    Case(
        RULE,
        (
            config("{a: {urls: [x]}}", "one.yaml", "yaml"),
            closed('{version: 1, a: {urls: ["redis://:${secret.closed.pw|urlencode}@r"]}}', "two.yml", "yaml"),
            reader(FOLDERS),
        ),
        (
            config("{version: 1, a: {names: [x]}}", "one.yaml", "yaml"),
            closed('{version: 1, a: {urls: ["redis://:${secret.closed.pw|urlencode}@r"]}}', "two.yml", "yaml"),
            reader(FOLDERS),
        ),
        name="whole-folders",
    ),
    Case(
        RULE,
        (config('{PW: ""}', ".env", "env"), closed('{PW: "${secret.closed.pw}"}', "b", "dotenv"), reader(FOLDERS)),
        (config('{PW: ""}', ".json", "json"), closed('{PW: "${secret.closed.pw}"}', "b", "dotenv"), reader(FOLDERS)),
        name="lines",
    ),
    Case(
        RULE,
        (
            line("Config", "open", '{files: {app.toml: {text: "[database]\\nuser = 1\\n"}}}'),
            secret("closed", "{pw: {}}", "{s.toml: {text: 'database.user = \"a-${secret.closed.pw}\"'}}"),
            reader(FILES),
        ),
        (
            line("Config", "open", '{files: {app.toml: {text: "[database]\\n# user = 1\\n"}}}'),
            closed('{database: {user: "${secret.closed.pw}"}}'),
            reader(FILES),
        ),
        name="text",
    ),
    Case(
        RULE,
        (config('{database: {password: ""}}'), closed(FILLED), OF_A_RAW_POD, reader("")),
        (
            config('{database: {password: ""}}'),
            closed(FILLED),
            workload("one", mounts="{/app.toml: {config: open, key: app.toml}}"),
            workload("two", mounts="{/app.toml: {secret: closed, key: s.toml}}", env='{PW: "${secret.closed.pw}"}'),
        ),
        name="raw-pod",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_found_once(case: Case, tmp_path: Path) -> None:
    """What is wrong is found once, where it is wrong."""
    assert_found_once(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_clean(case: Case, tmp_path: Path) -> None:
    """What is right is let through."""
    assert_clean(case, tmp_path)


def test_every_key_is_named_once(tmp_path: Path) -> None:
    """However many programs read both files; the message says what repeats it, and shows no value."""
    documents = (
        document("Config", "open", "files: {app.toml: {format: toml, data: {a: hidden-1, b: {c: hidden-2}}}}"),
        closed('{a: "${secret.closed.pw}", b: {c: "${secret.closed.pw}"}}'),
        reader(FILES),
        workload("other", mounts=f"{{{FILES}}}"),
    )
    found = compiled(tmp_path, documents).of(RULE)
    assert [finding.message for finding in found] == [
        "a is set here and in s.toml of the Secret closed, and bot reads both",
        "b.c is set here and in s.toml of the Secret closed, and bot reads both",
    ]
    assert all(finding.confidential for finding in found)
