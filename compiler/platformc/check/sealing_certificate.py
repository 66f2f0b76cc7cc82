"""sealing_certificate: an environment's sealing certificate, and what was sealed for another one.

In      a Program, the specs folder, and the date if one is given: compiling has no clock (D1).
Finds   sealing-certificate-unusable, sealing-certificate-ends, sealed-for-another-certificate,
        sealed-value-damaged.
Never   reads another file than the environment's certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from platformc.diagnostics import Finding
from platformc.language import SourceFolder
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.rules.secrets import (
    SEALED_FOR_ANOTHER_CERTIFICATE,
    SEALED_VALUE_DAMAGED,
    SEALING_CERTIFICATE_ENDS,
    SEALING_CERTIFICATE_UNUSABLE,
)
from platformc.sealed_secrets import SOON, Certificate, CertificateError, key_bits, read_certificate

LARGEST = 64 * 1024
"""Bytes; a certificate has about two thousand."""
PLACE = ("spec", "sealing", "certificate")


def check_certificate(program: Program, folder: SourceFolder, today: date | None) -> Iterator[Finding]:
    """Check the environment's certificate, and what was sealed for others."""
    place = program.platform.target.sealing.certificate
    found = certificate_of(program, folder)
    if found is None:
        return
    span = span_of(program.platform.target_node, PLACE)
    fetch = f"run: platformc seal --environment {program.platform.environment} --fetch-certificate"
    if isinstance(found, str):
        message = f"the certificate {place} {found}"
        yield SEALING_CERTIFICATE_UNUSABLE.at(span, message, fetch)
        return
    if today is not None and found.not_after - datetime.combine(today, time(), UTC) < SOON:
        ended = "expired" if found.not_after.date() < today else "expires"
        message = (
            f"the certificate {place} {ended} on {found.not_after.date()}; after that, nothing can be sealed for it"
        )
        yield SEALING_CERTIFICATE_ENDS.at(span, message, fetch)
    yield from _for_others(program, found.fingerprint)
    yield from _of_another_size(program, found)


def certificate_of(program: Program, folder: SourceFolder) -> Certificate | str | None:
    """The environment's certificate, or what is wrong with it, as the end of a sentence; None if it has none."""
    place = program.platform.target.sealing.certificate
    if place is None:
        return None
    data = folder.beginning(str(place), LARGEST)
    if isinstance(data, str):
        return data
    try:
        return read_certificate(data)
    except CertificateError as error:
        return f"cannot be used for sealing: {error}"


def _for_others(program: Program, fingerprint: str) -> Iterator[Finding]:
    for sealed in program.platform.sealed.values():
        stale = [name for name, key in sealed.spec.keys.items() if key.certificate_fingerprint != fingerprint]
        if stale:
            what = stale[0] if len(stale) == 1 else f"{stale[0]} and {len(stale) - 1} more"
            message = f"{what} of {sealed.name} {'is' if len(stale) == 1 else 'are'} sealed for another certificate"
            message += "; this works only as long as the controller keeps that key"
            hint = f"run: platformc seal --environment {program.platform.environment} --reseal {sealed.name}"
            at = sealed.at("keys", stale[0], "certificateFingerprint")
            yield SEALED_FOR_ANOTHER_CERTIFICATE.at(at, message, hint)


def _of_another_size(program: Program, certificate: Certificate) -> Iterator[Finding]:
    """Values that claim to be sealed for the certificate, but cannot be: its key has another size."""
    for sealed in program.platform.sealed.values():
        for name, key in sealed.spec.keys.items():
            if key.certificate_fingerprint != certificate.fingerprint:
                continue
            try:
                bits = key_bits(key.ciphertext)
            except ValueError:
                continue  # found when values are checked against their Secrets
            if bits != (certificate.bits + 7) // 8 * 8:
                message = f"the ciphertext of {name} is damaged: it is for a key of {bits} bits,"
                message += f" but its certificate has {certificate.bits}"
                hint = (
                    "restore it from git, or seal the same value again:"
                    f" platformc seal --environment {program.platform.environment} {sealed.name} --from-file {name}=PATH"
                )
                at = sealed.at("keys", name, "ciphertext")
                yield SEALED_VALUE_DAMAGED.at(at, message, hint)
