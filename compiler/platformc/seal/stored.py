"""stored: `seal` without values: certificates, and existing or imported ciphertext.

In      a Session; a certificate from a controller, a URL or a file; what kubeseal sealed.
Out     the certificate in its place; files of sealed values; lines about them.
Never   decrypts anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from platformc.diagnostics import ToolError, UsageError, suggestion
from platformc.language import Resource
from platformc.language.models.sealed_values import UNKNOWN_CERTIFICATE, SealedKey, SealedValuesSpec
from platformc.seal.certificates import fit, from_file, from_url, store
from platformc.seal.plan import find_secret
from platformc.seal.sealed_secret import read_sealed_secrets, request_to_rotate, rotated
from platformc.seal.sealed_text import Entry
from platformc.seal.sealing import entry, pruned
from platformc.seal.session import Session
from platformc.seal.store import Change, FileId
from platformc.sealed_secrets import SealingScope, sealed_for, sealing_scope_of

Stale = tuple[Resource[SealedValuesSpec], str, SealedKey]


class Controller(Protocol):
    """A sealed-secrets controller. Both methods raise ToolError if it does not respond."""

    def certificate(self) -> bytes:
        """The PEM of its newest certificate."""

    def rotate(self, requests: Sequence[bytes]) -> Sequence[bytes]:
        """Its responses to SealedSecrets that it reseals, in their order."""


def list_stale(session: Session, names: Sequence[str]) -> None:
    """List what is sealed for another certificate than the environment's."""
    fingerprint = session.certificate().fingerprint
    found = _stale(session, names, fingerprint)
    for sealed, name, key in found:
        session.console.result(f"{sealed.namespace}/{sealed.name} {name}  {key.certificate_fingerprint}")
    session.console.inform(f"{_are(len(found))} sealed for another certificate than {fingerprint}")


def _are(count: int) -> str:
    return "1 value is" if count == 1 else f"{count} values are"


def fetch(session: Session, source: str | None, fingerprint: str | None, controller: Controller) -> None:
    """Fetch a certificate from a URL or a file, or else from the controller; show and store it."""
    if source is None:
        pem = controller.certificate()
    elif "://" in source:
        pem = from_url(source)
    else:
        pem = from_file(Path(source))
    certificate = fit(pem, "the fetched certificate", session.now)
    if fingerprint is not None and fingerprint != certificate.fingerprint:
        message = f"the certificate has the fingerprint {certificate.fingerprint}, not {fingerprint}"
        raise ToolError(message, hint="someone may have intercepted the connection; nothing was stored")
    place = session.certificate_place or f"sealing/{session.environment}.pem"
    changed = store(session.specs, place, pem)
    session.console.result(f"fingerprint  {certificate.fingerprint}")
    session.console.result(f"key          RSA, {certificate.bits} bits")
    session.console.result(f"valid until  {certificate.not_after.date()}")
    path = f"{session.store.specs_name}/{place}"
    session.console.inform(f"{path} {'was written' if changed else 'already contains it'}")
    if session.certificate_place is None:
        session.console.inform(f"add to the environment: sealing: {{certificate: {place}}}")
    stale = _stale(session, (), certificate.fingerprint)
    if stale:
        command = f"platformc seal -e {session.environment}"
        session.console.inform(
            f"{_are(len(stale))} sealed for another certificate\n"
            f"  if it is an older one of the same controller, renew them with `{command} --reseal`\n"
            f"  if it is another controller's, seal the values again; `{command} --stale` lists them"
        )


def reseal(session: Session, names: Sequence[str], controller: Controller) -> None:
    """Let the controller reseal values of an older key for its newest one. No revision changes."""
    own = session.certificate()
    newest = fit(controller.certificate(), "the controller's certificate", session.now)
    if newest.fingerprint != own.fingerprint:
        message = f"the controller's newest certificate is {newest.fingerprint}, not the environment's"
        raise ToolError(message, hint=f"first run: platformc seal -e {session.environment} --fetch-certificate")
    batches: dict[tuple[str, str, object], list[Stale]] = {}
    for sealed, name, key in _stale(session, names, own.fingerprint):
        scope = sealed_for(sealed, key)
        batches.setdefault((sealed.namespace, sealed.name, scope), []).append((sealed, name, key))
    asked = [
        (batch, sealed_for(batch[0][0], batch[0][2]), {name: key.ciphertext for _, name, key in batch})
        for batch in batches.values()
    ]
    answers = controller.rotate([request_to_rotate(scope, sent) for _, scope, sent in asked])
    changes: dict[FileId, dict[str, Entry]] = {}
    for (batch, scope, sent), answer in zip(asked, answers, strict=True):
        renewed = rotated(answer, scope, sent)
        for sealed, name, key in batch:
            made = entry(scope, key.revision, own.fingerprint, renewed[name], key.public)
            changes.setdefault((sealed.namespace, sealed.name), {})[name] = made
    if changes:
        session.store.write({identity: Change(entries) for identity, entries in changes.items()})
    for (_, name), entries in changes.items():
        for key_name in entries:
            session.console.result(f"resealed {key_name} of {name} (revision {entries[key_name].revision})")
    if not changes:
        session.console.inform("everything is sealed for the newest certificate")


def import_file(session: Session, path: str) -> None:
    """Import the values of SealedSecrets that were sealed elsewhere. They cannot be checked."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from error
    changes: dict[FileId, Change] = {}
    lines: list[str] = []
    for found in read_sealed_secrets(path, text):
        secret = find_secret(session.program, found.scope.name)
        wanted = sealing_scope_of(session.program, secret)
        namespace = found.scope.namespace or secret.namespace
        own = SealingScope(found.scope.scope, namespace, found.scope.name)
        if not wanted.opens(own):
            message = (
                f"{path} is sealed {own.scope} for {namespace}/{own.name},"
                f" but the Secret is {wanted.scope} in {wanted.namespace}/{wanted.name}"
            )
            raise UsageError(message, "fix the Secret's namespace or scope, or seal it again with kubeseal")
        stored = session.program.platform.sealed.get((secret.namespace, secret.name))
        entries: dict[str, Entry] = {}
        for key, ciphertext in found.encrypted.items():
            if key not in secret.spec.keys:
                raise UsageError(f"the Secret {secret.name} has no key {key}", suggestion(key, list(secret.spec.keys)))
            if secret.spec.keys[key].public:
                message = f"{key} of {secret.name} is public, but its value cannot be read from ciphertext"
                raise UsageError(message, "remove it from the file, and seal its value with --from-file")
            known = stored.spec.keys.get(key) if stored else None
            revision = (known.revision if known else 0) + 1
            entries[key] = entry(wanted, revision, UNKNOWN_CERTIFICATE, ciphertext, None)
            lines.append(f"imported {key} of {secret.name} (revision {revision})")
        changes[secret.namespace, secret.name] = Change(entries)
    session.store.write(changes)
    for line in lines:
        session.console.result(line)
    session.console.inform("imported values were not checked: they cannot be decrypted here")


def prune(session: Session) -> None:
    """Remove sealed values that no Secret has a key for."""
    changes = pruned(session.program)
    if changes:
        session.store.write(changes)
    for (namespace, name), change in changes.items():
        removed = "all" if change.removed_whole else ", ".join(sorted(change.removed))
        session.console.result(f"removed {removed} of {namespace}/{name}")
    if not changes:
        session.console.inform("there are no sealed values to prune")


def _stale(session: Session, names: Sequence[str], fingerprint: str) -> list[Stale]:
    """What is sealed for another key, of all Secrets or of one, sorted."""
    secret = find_secret(session.program, names[0]) if names else None
    if len(names) > 1:
        raise UsageError("this works only on whole Secrets", "remove the KEYs")
    return [
        (sealed, name, key)
        for identity, sealed in sorted(session.program.platform.sealed.items())
        if secret is None or identity == (secret.namespace, secret.name)
        for name, key in sealed.spec.keys.items()
        if key.certificate_fingerprint != fingerprint
    ]
