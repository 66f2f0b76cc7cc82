"""Secret words: recognise secrets by their shape or by the name that they are given.

In      texts of the output, and the names of what contains them.
Out     what a text looks like, in words for people; never a part of the text itself.
Never   knows where texts come from: `secret_values` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
SECRET_WORDS = frozenset(
    {"credential", "credentials", "passphrase", "passwd", "password", "pass", "pwd", "secret", "token", "apikey"}
    | {"masterauth", "requirepass", "rootpw"}
)
SECRET_PAIRS = frozenset(
    {
        ("access", "key"),
        ("api", "key"),
        ("auth", "key"),
        ("encryption", "key"),
        ("key", "base"),
        ("master", "key"),
        ("private", "key"),
        ("secret", "key"),
        ("session", "key"),
        ("shared", "key"),
        ("signing", "key"),
    }
)
"""`KEY` alone is usually not a secret: a sort key, a cache key, the key of a map."""
NAMES_AN_OBJECT = frozenset({"certificate", "existing", "image", "kubernetes", "pull", "registry", "sealed", "tls"})
"""Before `secret`: the value is a Secret's name, not its content."""
PASSWORDS = frozenset({"pass", "passphrase", "passwd", "password", "pwd", "requirepass", "masterauth", "rootpw"})
SWITCHES = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "required", "optional", "disabled", "string"}
)
PLACEHOLDER = re.compile(r"\$[\w({]|\{\{|\{[$%]|\{env\.|%[sv]|%\(|<[^>]*>|\A[*xX.…]+\Z|\A\{[\w.]+\}\Z")
"""Placeholders that other tools replace, or that stand for an omitted value."""
NO_SECRET = re.compile(r"\A(?:/|\./|~/|file:|arn:|[a-z][a-z0-9+.-]*://)")
"""Paths, ARNs and URLs; a password in a URL is checked separately."""
NUMBER = re.compile(r"\A[+-]?\d+(?:\.\d+)?(?:[a-z]{1,2})?\Z")

KNOWN_SHAPES = (
    ("private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
    ("AWS access key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ("GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{50}"),
    ("GitLab token", r"\bglpat-[\w-]{20}"),
    ("Slack token", r"\bxox[abeprs]-[A-Za-z0-9-]{10}"),
    ("Discord token", r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}"),
    ("webhook address", r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20}|hooks\.slack\.com/services/T\w+/B\w+/\w+"),
    ("JSON web token", r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    ("Google key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{16}"),
    ("DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}"),
    ("API key", r"\bsk-[A-Za-z0-9_-]{20}"),
    ("age key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{20}"),
)
"""The forms that vendors document: a fixed prefix, so that leaks can be found."""
SHAPES = re.compile("|".join(f"({pattern})" for _, pattern in KNOWN_SHAPES))

CONNECTION = re.compile(r"(?i)(?:\A|;)\s*(?:password|pwd)\s*=\s*(?P<value>[^;\s]+)")
"""ADO.NET and ODBC: `Server=db;User Id=bot;Password=…`."""
URL = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/@:\"'`<>]*:(?P<password>[^\s/@\"'`<>]+)@")
PAIR = re.compile(
    r"""(?<![\w./-])(?:--?)?["']?(?P<name>[A-Za-z][\w.-]*)["']?\s*[:=]\s*(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s,;}\]"'#]+)"""
)
DIRECTIVE = re.compile(r"""(?m)^[ \t]*(?P<name>[A-Za-z][\w-]*)[ \t]+(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"']+)[ \t]*$""")
OPTION = re.compile(r"""(?:\A|\s)--?(?P<name>[A-Za-z][\w-]*)[ \t]+(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"'-][^\s"']*)""")
CODE = re.compile(r"[()\[\]{}<>`\\]")


def words(name: str) -> list[str]:
    """Return the words of a name, in lower case.

    >>> words("stripeAPIKey"), words("DB_PASSWORD_1")
    (['stripe', 'api', 'key'], ['db', 'password', '1'])
    """
    return [word.lower() for word in WORDS.findall(name)]


def names_a_secret(name: str) -> bool:
    """Whether a name is that of a secret: the last word counts, because `TOKEN_TABLE` is a table.

    >>> [names_a_secret(name) for name in ("DISCORD_TOKEN", "TOKEN_PATH", "SORT_KEY", "PRIVATE_KEY", "PULL_SECRET")]
    [True, False, False, True, False]
    """
    found = words(name)
    while found and found[-1].isdigit():
        found.pop()
    if not found or "public" in found:
        return False
    if tuple(found[-2:]) in SECRET_PAIRS:
        return True
    before = found[-2] if len(found) > 1 else ""
    return found[-1] in SECRET_WORDS and not (found[-1] == "secret" and before in NAMES_AN_OBJECT)


def is_literal(name: str, value: str) -> bool:
    """Whether a value with a secret's name is the secret itself: no placeholder, switch, path or URL."""
    bare = value.strip().strip("\"'")
    if not bare or bare.lower() in SWITCHES or PLACEHOLDER.search(bare) or NO_SECRET.match(bare):
        return False
    # `token: 4096` is a size; only a weak password is a number.
    return not NUMBER.match(bare) or (words(name)[-1:] != [] and words(name)[-1] in PASSWORDS)


def shape(value: str) -> str:
    """Return what kind of secret a text looks like, whatever its name; empty for none.

    >>> shape("-----BEGIN EC PRIVATE KEY-----"), shape("hello")
    ('private key', '')
    """
    found = SHAPES.search(value)
    if found is not None and found.lastindex is not None:
        return KNOWN_SHAPES[found.lastindex - 1][0]
    connection = CONNECTION.search(value)
    if connection is not None and is_literal("password", connection["value"]):
        return "connection string with a password"
    return ""


def has_url_password(value: str) -> bool:
    """Whether a text contains a URL with a password.

    >>> has_url_password("redis://:hunter2@redis:6379"), has_url_password("redis://:$(PASSWORD)@redis:6379")
    (True, False)
    """
    if "://" not in value or "@" not in value:
        return False
    return any(not PLACEHOLDER.search(found["password"]) for found in URL.finditer(value))


def assigned(content: str, harmless: frozenset[str]) -> Iterator[str]:
    """Yield the names in a text that are given a secret as their value.

    Recognises `name = value`, `"name": "value"`, `--name value`, and lines of two words as in redis.conf.
    Values in `harmless` are not secrets.
    """
    for pattern in (PAIR, OPTION, DIRECTIVE):
        for found in pattern.finditer(content):
            name, value = found["name"], found["value"]
            if not names_a_secret(name) or not is_literal(name, value) or value.strip("\"'") in harmless:
                continue
            if value[0] in "\"'" or not (CODE.search(value) or value[0] in "=:"):
                yield name
