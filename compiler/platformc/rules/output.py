"""Output: rules about the rendered tree, its schemas, and what a new tree changes or removes."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "output")

DATA_REMOVED = _rule("data-removed", allowable=True)
IMMUTABLE_FIELD = _rule("immutable-field", allowable=True)
OWNERSHIP_INDEX_BROKEN = _rule("ownership-index-broken")
RENDER_JOURNAL_BROKEN = _rule("render-journal-broken")
RENDERED_FILE_EDITED = _rule("rendered-file-edited")
RENDERED_FILE_FOREIGN = _rule("rendered-file-foreign")
RENDERED_STALE = _rule("rendered-stale")
RENDERED_SYMLINK = _rule("rendered-symlink")
SCHEMA_INVALID = _rule("schema-invalid")
SCHEMA_MISSING = _rule("schema-missing")
TTL_DROPPED = _rule("ttl-dropped")
VOLUME_SHRINKS = _rule("volume-shrinks", allowable=True)
