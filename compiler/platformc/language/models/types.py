"""Types that several kinds share: names, quantities, durations, ports, templates."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from platformc.diagnostics import meant_hint
from platformc.language.models.base import Integer, problem
from platformc.rules.fields import (
    INVALID_CIDR,
    INVALID_DURATION,
    INVALID_NAME,
    INVALID_PATH,
    INVALID_QUANTITY,
    WRONG_TYPE,
)

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
LONGEST_LABEL = 63
LONGEST_SUBDOMAIN = 253
LONGEST_PORT_NAME = 15
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")


def dns_label(text: str) -> str:
    """Check a name that becomes a Service, workload or namespace name (RFC 1123 label, 63 characters)."""
    if len(text) > LONGEST_LABEL:
        raise problem(INVALID_NAME, f"the name is {len(text)} characters long; the limit is {LONGEST_LABEL}")
    if not LABEL.match(text):
        hint = f"write {suggestion}" if (suggestion := dns_safe(text)) else ""
        raise problem(INVALID_NAME, f"{text!r} is not a valid DNS label: use lower-case letters, digits and `-`", hint)
    return text


def dns_subdomain(text: str) -> str:
    """Check a name that may contain dots (RFC 1123 subdomain, 253 characters)."""
    if len(text) > LONGEST_SUBDOMAIN:
        raise problem(INVALID_NAME, f"the name is {len(text)} characters long; the limit is {LONGEST_SUBDOMAIN}")
    if not SUBDOMAIN.match(text):
        hint = f"write {suggestion}" if (suggestion := dns_safe(text)) else ""
        raise problem(
            INVALID_NAME, f"{text!r} is not a valid DNS name: use lower-case letters, digits, `-` and `.`", hint
        )
    return text


def dns_safe(text: str) -> str:
    """Return the label that was probably meant by a name; empty if no valid character remains."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:LONGEST_LABEL]


Label = Annotated[str, AfterValidator(dns_label)]
Subdomain = Annotated[str, AfterValidator(dns_subdomain)]


DATA_KEY = re.compile(r"(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}\Z")


def data_key(text: str) -> str:
    """Check the key of a ConfigMap or Secret (apimachinery, IsConfigMapKey): neither `.` nor anything with `..` first."""
    if not DATA_KEY.match(text):
        hint = "set its path in the pod with `mounts`" if "/" in text else ""
        raise problem(
            INVALID_NAME, f"{text!r} is not a valid name of a key or file: use letters, digits, `-`, `_` and `.`", hint
        )
    return text


DataKey = Annotated[str, AfterValidator(data_key)]


def port_name(text: str) -> str:
    """Check a port's name (IANA service name, 15 characters)."""
    if len(text) > LONGEST_PORT_NAME or not LABEL.match(text) or not re.search(r"[a-z]", text):
        raise problem(
            INVALID_NAME,
            f"{text!r} is not a valid port name: use at most 15 lower-case letters, digits and `-`, with a letter",
        )
    return text


PortName = Annotated[str, AfterValidator(port_name)]
PortNumber = Annotated[Integer, Field(ge=1, le=65535)]
PortReference = str | Integer
"""A port by name or number."""


def variable_name(text: str) -> str:
    """Check the name of an environment variable."""
    if not ENVIRONMENT_NAME.match(text):
        raise problem(INVALID_NAME, f"{text!r} is not a valid name of an environment variable")
    return text


VariableName = Annotated[str, AfterValidator(variable_name)]

# Kubernetes docs, "Resource units in Kubernetes": decimal and binary suffixes; CPU no finer than 1m.
CPU = re.compile(r"(?:(\d+)m|(\d+(?:\.\d{1,3})?))\Z")
MEMORY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?\Z")
MULTIPLES = {
    None: 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
MISTAKEN_UNITS = {"kb": "Ki", "mb": "Mi", "gb": "Gi", "tb": "Ti", "ki": "Ki", "mi": "Mi", "gi": "Gi", "ti": "Ti"}
MISTAKEN_UNITS |= {"kib": "Ki", "mib": "Mi", "gib": "Gi", "tib": "Ti", "g": "G", "t": "T", "b": ""}


def milli_cpu(text: str) -> int:
    """Parse a CPU quantity (`2`, `0.5`, `500m`) into whole millicores.

    Raises ValueError. Source: Kubernetes docs, "CPU resource units": nothing finer than 1m.

    >>> milli_cpu("0.5"), milli_cpu("250m")
    (500, 250)
    """
    match = CPU.match(text)
    if not match:
        raise ValueError(text)
    return int(match[1]) if match[1] else int(Decimal(match[2]) * 1000)


def memory_bytes(text: str) -> int:
    """Parse a memory or storage quantity (`512Mi`, `1.5Gi`, `1000`) into whole bytes.

    Raises ValueError.

    >>> memory_bytes("1Ki"), memory_bytes("2k")
    (1024, 2000)
    """
    match = MEMORY.match(text)
    if not match:
        raise ValueError(text)
    return int(Decimal(match[1]) * MULTIPLES[match[2]])


def _as_text(value: Any) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value}" if is_number else value


def cpu_quantity(text: str) -> str:
    """Check a CPU quantity and return it as written."""
    try:
        milli_cpu(text)
    except ValueError:
        raise problem(
            INVALID_QUANTITY, f"{text!r} is not an amount of CPU", "write cores or millicores: 2, 0.5, 500m"
        ) from None
    return text


def memory_quantity(text: str) -> str:
    """Check an amount of memory or storage and return it as written."""
    try:
        memory_bytes(text)
    except ValueError:
        number = re.match(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)\Z", text)
        unit = MISTAKEN_UNITS.get(number[2].lower()) if number else None
        hint = (
            meant_hint(f"{number[1]}{unit}")
            if number and unit is not None
            else "write bytes or a unit: 512Mi, 1Gi, 500M"
        )
        raise problem(INVALID_QUANTITY, f"{text!r} is not an amount of memory or storage", hint) from None
    return text


CPUQuantity = Annotated[str, BeforeValidator(_as_text), AfterValidator(cpu_quantity)]
MemoryQuantity = Annotated[str, BeforeValidator(_as_text), AfterValidator(memory_quantity)]

DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?\Z")
SECONDS = (86400, 3600, 60, 1)


def seconds(text: str) -> int:
    """Parse a duration (`4d`, `1h30m`, `30s`) into whole seconds; raises ValueError.

    >>> seconds("4d"), seconds("1h30m")
    (345600, 5400)
    """
    match = DURATION.match(text)
    if not text or not match:
        raise ValueError(text)
    return sum(int(count) * size for count, size in zip(match.groups(), SECONDS, strict=True) if count)


def duration(text: str) -> str:
    """Check a duration and return it as written."""
    try:
        seconds(text)
    except ValueError:
        raise problem(
            INVALID_DURATION, f"{text!r} is not a duration", "write days, hours, minutes, seconds: 4d, 1h30m, 30s"
        ) from None
    return text


Duration = Annotated[str, AfterValidator(duration)]


def cidr(text: str) -> str:
    """Check an address range such as 10.0.0.0/8."""
    try:
        ipaddress.ip_network(text, strict=True)
    except ValueError:
        try:
            meant = str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            raise problem(INVALID_CIDR, f"{text!r} is not an address range", "write one such as 10.0.0.0/8") from None
        message = f"{text!r} is an address inside the range {meant}, not the range itself"
        raise problem(INVALID_CIDR, message, f"write {meant}, or {text.partition('/')[0]}/32 for one address") from None
    return text


CIDR = Annotated[str, AfterValidator(cidr)]


CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def _refuse_control_characters(text: str) -> None:
    """Reject control characters in a path: systems reject some, and people cannot see them."""
    if CONTROL.search(text):
        raise problem(INVALID_PATH, f"{text!r} contains a control character", "write a path that can be typed")


def absolute_path(text: str) -> str:
    """Check a path inside a container: absolute, without `..`, `:` and control characters."""
    _refuse_control_characters(text)
    if not text.startswith("/") or ".." in text.split("/") or ":" in text:
        raise problem(INVALID_PATH, f"{text!r} is not an absolute path", "write one such as /var/lib/data")
    return text


ContainerPath = Annotated[str, AfterValidator(absolute_path)]


def relative_path(text: str) -> str:
    """Check a path inside a folder or volume: relative, without `..` and control characters."""
    _refuse_control_characters(text)
    if text.startswith("/") or ".." in text.split("/"):
        raise problem(INVALID_PATH, f"{text!r} leads out of its folder", "write a relative path without `..`")
    return text


RelativePath = Annotated[str, AfterValidator(relative_path)]


@dataclass(frozen=True, slots=True)
class Template:
    """A value that may contain references; `text` is a number or a switch if the spec has one."""

    text: str | int | float | bool


def _template(value: Any) -> Template:
    if isinstance(value, str | int | float):
        return Template(value)
    found = "nothing" if value is None else "a list" if isinstance(value, list) else "a map"
    hint = 'write "" for an empty text' if value is None else ""
    raise problem(WRONG_TYPE, f"expected text, a number or true/false, found {found}", hint)


TemplateText = Annotated[Template, PlainValidator(_template), WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""Text that may contain references such as `${workload.redis.host}`."""


@dataclass(frozen=True, slots=True)
class TemplateTree:
    """Plain data of any shape whose text may contain references."""

    value: Any


TemplateData = Annotated[TemplateTree, PlainValidator(TemplateTree), WithJsonSchema({})]
"""Data of any shape; its text may contain references."""


def _map_of_data(value: Any) -> TemplateTree:
    if isinstance(value, dict):
        return TemplateTree(value)
    raise problem(WRONG_TYPE, "expected a map here")


TemplateMap = Annotated[TemplateTree, PlainValidator(_map_of_data), WithJsonSchema({"type": "object"})]
"""A map of any shape; its text may contain references."""
