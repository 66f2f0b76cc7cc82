"""The part of Go's templates that rendered Secrets use, filled in as the sealed-secrets controller does.

Source: Go, text/template (pipelines, index, printf, urlquery), and sprig (toJson, replace). What is
not among them raises ValueError, so nothing is filled in wrongly without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import quote_plus

ACTION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\||\(|\)|[^\s()|"]+)')
JSON_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}
"""Go's encoder writes these so that its JSON can stand in HTML."""


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text that the controller makes of a template with the opened values."""
    return ACTION.sub(lambda match: _evaluate(_words(match[1]), values), template)


def _words(text: str) -> list[str]:
    found, position = [], 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = TOKEN.match(stripped, position)
        if match is None:
            raise ValueError(f"cannot read {stripped[position:]}")
        found.append(match[1])
        position = match.end()
    return found


def _evaluate(words: list[str], values: Mapping[str, str]) -> str:
    """One pipeline: each command gets the result of the one before as its last argument."""
    result: list[str] = []
    for command in _split(words):
        result = [_call(command, result, values)]
    return result[0]


def _split(words: list[str]) -> list[list[str]]:
    commands: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "|" and not depth:
            commands.append([])
        else:
            commands[-1].append(word)
    return commands


def _call(command: list[str], piped: list[str], values: Mapping[str, str]) -> str:
    arguments = [*_arguments(command[1:], values), *piped]
    match command[0], arguments:
        case "index", [".", key]:
            return values[key]
        case "printf", [pattern, *rest]:
            return pattern % tuple(rest)
        case "urlquery", [text]:
            return quote_plus(text)
        case "replace", [old, new, text]:
            return text.replace(old, new)
        case "toJson", [text]:
            return "".join(JSON_ESCAPES.get(letter, letter) for letter in json.dumps(text, ensure_ascii=False))
    if command[0].startswith('"') and len(command) == 1:
        return str(json.loads(command[0]))
    raise ValueError(f"this template uses {command[0]} in a way that is not known here")


def _arguments(words: list[str], values: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word == "(":
            end, depth = position + 1, 1
            while depth:
                depth += (words[end] == "(") - (words[end] == ")")
                end += 1
            found.append(_evaluate(words[position + 1 : end - 1], values))
            position = end
            continue
        found.append(str(json.loads(word)) if word.startswith('"') else word)
        position += 1
    return found
