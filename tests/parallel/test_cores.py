"""How many processes there are at most."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from platformc.cores import available_cores, cpu_quota


def _group(folder: Path, name: str, most: str) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "cpu.max").write_text(f"{most}\n", "utf-8")


class TestCores:
    """What this process may use, not what the machine has."""

    def test_never_none(self) -> None:
        """And never more than there are."""
        assert 1 <= available_cores() <= (os.cpu_count() or 1)

    @pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes are not bound to cores here")
    def test_bound(self) -> None:
        """A process that is bound to one core has one."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(before)})
        try:
            assert available_cores() == 1
        finally:
            os.sched_setaffinity(0, before)


class TestQuota:
    """What a control group allows."""

    @pytest.mark.parametrize(
        ("groups", "expected"),
        [
            ({}, math.inf),
            ({".": "max 100000"}, math.inf),
            ({".": "150000 100000"}, 1.5),
            ({"a": "200000 100000"}, 2.0),
            ({"a/b": "300000 100000"}, 3.0),
            ({"a": "200000 100000", "a/b": "max 100000"}, 2.0),
            ({".": "400000 100000", "a": "200000 100000", "a/b": "800000 100000"}, 2.0),
            ({"a": "nonsense"}, math.inf),
            ({"a": "1 0"}, math.inf),
            ({"other": "100000 100000"}, math.inf),
        ],
    )
    def test_the_least(self, tmp_path: Path, groups: dict[str, str], expected: float) -> None:
        """Of all groups around the process."""
        own = tmp_path / "cgroup"
        own.write_text("0::/a/b\n", "utf-8")
        for name, most in groups.items():
            _group(tmp_path / "fs", name, most)
        assert cpu_quota(tmp_path / "fs", own) == expected

    @pytest.mark.parametrize("content", [None, b"", b"\xff", b"12:cpu:/a\n", b"0::/\n"])
    def test_no_groups(self, tmp_path: Path, content: bytes | None) -> None:
        """Other systems, older groups, or a container that sees its own group as the root."""
        own = tmp_path / "cgroup"
        if content is not None:
            own.write_bytes(content)
        assert cpu_quota(tmp_path / "fs", own) == math.inf
