"""changed_platform: the repository's platform with some of its settings changed, compiled as users compile it.

In      texts of specs/platform.yaml and what stands there instead; an empty folder.
Out     the folder with what is rendered, in the layout of rendered/.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from platformc.cli import main

from e2e.definitions import ROOT

PARTS = ("specs", "crossplane", "argocd")


def render_changed(folder: Path, changes: Mapping[str, str]) -> Path:
    """Compile a copy of the repository; each text to be replaced stands in it exactly once."""
    folder.mkdir()
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    path = folder / "specs" / "platform.yaml"
    text = path.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    assert main(["--specs", str(folder / "specs"), "render", "--no-validate"]) == 0
    return folder / "rendered"
