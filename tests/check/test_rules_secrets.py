"""Rules about secrets: where they stand in clear text, and which can be guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.check.policies.secret_words import assigned, has_url_password, is_literal, names_a_secret, shape
from rule_case import Case, assert_clean, assert_found_once
from small_platform import HERE, compiled, document, line, pod, raw, secret, workload

PRIVATE_KEY = "-----BEGIN EC PRIVATE KEY-----"
AWS_KEY = "AKIA" + "Q3EGV6JZLKQXW2AB"
SLACK = "xoxb" + "-1234567890-abcdefghij"
USED = workload(env='{TOKEN: "${secret.bot.token}"}')


def config(files: str) -> str:
    """A Config."""
    return document("Config", "settings", f"files: {files}")


CASES = (
    Case(
        "secret-literal-in-env",
        (workload(env=f"{{DISCORD_TOKEN: correct-horse-battery}}  {HERE}"),),
        (secret("bot", "{token: {}}"), USED),
        at="correct-horse-battery",
    ),
    Case(
        "secret-literal-in-env",
        (workload(env=f'{{SETTING: "{AWS_KEY}"}}  {HERE}'),),
        (
            workload(
                env="""
                TOKEN_PATH: /run/token
                TOKEN_TABLE: sessions
                SORT_KEY: id
                MAX_TOKEN: "4096"
                ALLOW_EMPTY_PASSWORD: "yes"
                PASSWORD: ""
                CLIENT_SECRET: $(OTHER)
                OTHER: x
                IMAGE_PULL_SECRET: ecr-registry
                PUBLIC_KEY: BGkZcm9uZw
                DATABASE_URL: postgres://bot@db/bot
                """
            ),
        ),
        at=f'"{AWS_KEY}"',
        name="shape",
    ),
    Case(
        "secret-literal-in-env",
        (
            workload(env="{API_KEY: '${secret.bot.token}'}"),
            secret("bot", "{token: {}}"),
            pod({"env": f"[{{name: DB_PASSWORD, value: '12345678'}}]  {HERE}"}),
        ),
        (secret("bot", "{token: {}}"), workload(env="{TOKEN: '${secret.bot.token}', SECRET: bot}")),
        at="'12345678'",
        name="digits",
    ),
    Case(
        "secret-literal-in-arguments",
        (workload(args=f"[serve, --password=correct-horse]  {HERE}"),),
        (workload(args="[serve, --password-file=/run/password, --token, $(TOKEN)]", env="{TOKEN: '1'}"),),
        at="--password=correct-horse",
    ),
    Case(
        "secret-literal-in-arguments",
        (workload(args=f"[serve, --api-key, correct-horse]  {HERE}"),),
        (workload(args="[serve, --secret, --verbose]"),),
        at="correct-horse",
        name="two-words",
    ),
    Case(
        "secret-literal-in-arguments",
        (workload(command="[sh, -c]", args=f'["exec redis-server --requirepass correct-horse"]  {HERE}'),),
        (workload(command="[sh, -c]", args='["exec redis-server --requirepass $PASSWORD"]'),),
        name="script",
    ),
    Case(
        "secret-literal-in-arguments",
        (workload(probes=f"{{liveness: /health, readiness: {{exec: [ask, --token=correct-horse]}}}}  {HERE}"),),
        (workload(probes="{liveness: /health, readiness: {exec: [ask, --token=$(TOKEN)]}}", env="{TOKEN: '1'}"),),
        at="--token=correct-horse",
        name="probe",
    ),
    Case(
        "secret-literal-in-file",
        (config(f"{{bot.toml: {{format: toml, data: {{database: {{password: correct-horse}}}}}}}}  {HERE}"),),
        (config("{bot.toml: {format: toml, data: {database: {password: '', user: bot, key_length: 5}}}}"),),
    ),
    Case(
        "secret-literal-in-file",
        (config(f'{{redis.conf: {{text: "requirepass correct-horse\\nmaxmemory 1gb\\n"}}}}  {HERE}'),),
        (config('{redis.conf: {text: "# requirepass foobared\\nthe password is in a file\\n"}}'),),
        name="text",
    ),
    Case(
        "secret-literal-in-file",
        (config(f'{{key.pem: {{text: "{PRIVATE_KEY}"}}}}  {HERE}'),),
        (config('{key.pem: {text: "-----BEGIN PUBLIC KEY-----"}}'),),
        name="private-key",
    ),
    Case(
        "secret-literal-in-file",
        (
            line(
                "Secret",
                "bot",
                "{keys: {t: {}}, files: {a: {format: json, data: {t: '${secret.bot.t}', token: abcd}}}}",
            ),
            workload(mounts="{/a: {secret: bot, key: a}}"),
        ),
        (
            secret("bot", "{t: {}}", "{a: {format: json, data: {token: '${secret.bot.t}'}}}"),
            workload(mounts="{/a: {secret: bot, key: a}}"),
        ),
        name="in-a-secret",
    ),
    Case(
        "secret-literal-in-url",
        (workload(env=f'{{DATABASE_URL: "postgres://bot:correct-horse@db/bot"}}  {HERE}'),),
        (
            secret("bot", "{token: {}}"),
            workload(env='{TOKEN: "${secret.bot.token}", DATABASE_URL: "postgres://bot:$(TOKEN)@db/bot"}'),
        ),
        at='"postgres://bot:correct-horse@db/bot"',
    ),
    Case(
        "secret-literal-in-url",
        (workload(annotations=f'{{link: "https://me:correct-horse@example.com/"}}  {HERE}'),),
        (workload(annotations='{link: "https://me@example.com:8080/"}'),),
        name="annotation",
    ),
    Case(
        "secret-unsealed",
        (raw(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: bot}}\nstringData: {{a: b}}  {HERE}"),),
        (raw("apiVersion: v1\nkind: Secret\nmetadata: {name: bot}\ntype: Opaque"),),
    ),
    Case(
        "weak-credentials",
        (line("Secret", "bot", "{keys: {token: {generate: {type: password, length: 8}}}}"), USED),
        (secret("bot", "{token: {generate: {type: password, length: 16}}}"), USED),
    ),
    Case(
        "weak-credentials",
        (line("Secret", "bot", "{keys: {token: {generate: {type: key, bytes: 8}}}}"), USED),
        (secret("bot", "{token: {generate: {type: key, bytes: 32}}}"), USED),
        name="key",
    ),
    Case(
        "weak-credentials",
        (line("Secret", "bot", "{keys: {token: {generate: {type: literal, value: abc}}}}"), USED),
        (
            secret("bot", "{user: {generate: {type: literal, value: abc}}}"),
            workload(env='{BOT_USER: "${secret.bot.user}"}'),
        ),
        name="literal",
    ),
    Case(
        "weak-credentials",
        (workload(env=f"{{MINIO_ROOT_USER: minioadmin}}  {HERE}"),),
        (workload(env="{MINIO_ROOT_USER: stoat}"),),
        at="minioadmin",
        name="default",
    ),
    Case(
        "default-credential-accepted",
        (
            line("Secret", "rabbit", "{keys: {password: {}}}"),
            workload(env='{RABBITMQ_DEFAULT_PASS: "${secret.rabbit.password}"}'),
        ),
        (
            secret("rabbit", "{long: {minLength: 16}, denied: {deny: [guest, rabbituser]}}"),
            workload(
                env='{RABBITMQ_DEFAULT_PASS: "${secret.rabbit.long}", RABBITMQ_DEFAULT_USER: "${secret.rabbit.denied}"}'
            ),
        ),
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


def test_no_secret_in_a_message(tmp_path: Path) -> None:
    """Findings name what holds a secret and never show it."""
    value = "correct-horse-battery"
    documents = (
        workload(env=f'{{TOKEN: {value}, URL: "redis://:{value}@redis"}}', args=f"[--password={value}]"),
        config(f"{{a.toml: {{format: toml, data: {{password: {value}}}}}, b.txt: {{text: 'token = {value}'}}}}"),
        raw(f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{a: {value}}}"),
    )
    found = compiled(tmp_path, documents).findings
    assert {finding.rule for finding in found} == {
        "secret-literal-in-env",
        "secret-literal-in-url",
        "secret-literal-in-arguments",
        "secret-literal-in-file",
        "secret-unsealed",
    }
    assert not any(value in finding.message + finding.hint for finding in found)


@pytest.mark.parametrize(
    ("name", "is_secret"),
    [
        ("DISCORD_TOKEN", True),
        ("dbPassword", True),
        ("DB_PASSWORD_2", True),
        ("stripeApiKey", True),
        ("AWS_SECRET_ACCESS_KEY", True),
        ("SSH_PRIVATE_KEY", True),
        ("encryption_key", True),
        ("AWS_ACCESS_KEY_ID", False),
        ("TOKEN_PATH", False),
        ("PASSWORD_FILE", False),
        ("SORT_KEY", False),
        ("VAPID_PUBLIC_KEY", False),
        ("MAX_TOKENS", False),
        ("TLS_SECRET", False),
        ("COMPASS", False),
        ("", False),
    ],
)
def test_names(name: str, is_secret: bool) -> None:  # noqa: FBT001 - a table's column
    """The last word of a name tells whether it names a secret."""
    assert names_a_secret(name) is is_secret


@pytest.mark.parametrize(
    "value",
    [
        *("", "  ", "true", "none", "/run/secrets/token", "https://example.com/token", "${TOKEN}", "{{ .token }}"),
        *("{$TOKEN}", "<your token>", "****", "arn:aws:secretsmanager:x", "4096", "{env.TOKEN}", "%s"),
    ],
)
def test_no_literals(value: str) -> None:
    """Placeholders, switches, paths, addresses and sizes are no tokens."""
    assert not is_literal("TOKEN", value)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (PRIVATE_KEY, "private key"),
        (f"key={AWS_KEY}", "AWS access key"),
        (SLACK, "Slack token"),
        ("Server=db;Password=abc;", "connection string with a password"),
        ("Server=db;Password=$(PASSWORD)", ""),
        ("-----BEGIN CERTIFICATE-----", ""),
        ("sk-learn", ""),
        ("a perfectly ordinary sentence", ""),
    ],
)
def test_shapes(value: str, what: str) -> None:
    """Keys and tokens with a known beginning are recognised whatever they are called."""
    assert shape(value) == what


@given(st.text(max_size=200))
def test_any_text(content: str) -> None:
    """No text makes the recognisers fail, and what they name stands in the text."""
    shape(content)
    has_url_password(content)
    assert all(name in content for name in assigned(content, frozenset()))
