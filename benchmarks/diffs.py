"""diffs: `platformc diff` of one change, and dyff on the same pair of rendered trees.

In      a Workspace; this repository's own platform.
Out     Cases, each with a repository of git of its own, whose only commit is the base.
Never   lets a run find what one before it left of the head: every run has a change that is new.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.measure import BenchmarkError, Case, run
from benchmarks.workspace import (
    Workspace,
    case_folder,
    changing,
    command_of,
    fresh_cache,
    platformc_command,
    program_on_path,
)

OWN = "diff, this repository, one change"
OWN_REMEMBERED = "diff, this repository, one change, base remembered"
GENERATED = "diff, one component changed"
GENERATED_REMEMBERED = "diff, one component changed, base remembered"
TREES = "diff, two rendered folders"
DYFF = "dyff between, the same as two files"

OF_A_PLATFORM = ("specs", "crossplane", "argocd", "rendered")
"""The folders that a diff reads."""
AUTHOR = ("-c", "user.name=benchmark", "-c", "user.email=benchmark@example.com", "-c", "commit.gpgsign=false")
REPLICAS = re.compile(r"^(?P<before>  replicas: )\d+$", re.MULTILINE)


def diff_cases(workspace: Workspace, repository: Path) -> Iterator[Case]:
    """All cases; `repository` is the folder of this repository. Each begins from its own state, made right away."""
    own = partial(_own_platform, repository)
    yield _case(workspace, OWN, own, "both sides are compiled and checked, and compared", remembered=False)
    yield _case(workspace, OWN_REMEMBERED, own, "what was found at the base is known (D73)", remembered=True)
    generated = partial(shutil.copytree, workspace.inputs / "platformc")
    yield _case(workspace, GENERATED, generated, "the same for all components", remembered=False)
    yield _case(workspace, GENERATED_REMEMBERED, generated, "likewise", remembered=True)
    yield from _of_trees(workspace)


def _case(workspace: Workspace, name: str, write: Callable[[Path], object], includes: str, *, remembered: bool) -> Case:
    """A diff between the only commit of a platform and a change that is new each time."""
    folder = case_folder(workspace, name)
    write(folder)
    for git_words in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "base")):
        git = command_of(workspace, str(program_on_path("git")), "-C", str(folder), *AUTHOR, *git_words)
        run(Case("git", "", (git,)))
    cache = folder.with_name(f"{folder.name}-cache")  # outside of the repository, as a user's is
    fresh_cache(workspace, cache)
    words = ("--quiet", "diff", "--specs", str(folder / "specs"), "--base", "HEAD")
    diff = platformc_command(workspace, cache, *words)
    run(Case(name, "", (diff,)))
    if not any((cache / "environments").iterdir()):
        raise BenchmarkError(f"{name}: the first run left nothing of the base for the next one")
    change = _scaling(folder) if (folder / "crossplane").is_dir() else changing(folder)

    def prepare() -> None:
        change()
        if not remembered:
            fresh_cache(workspace, cache)

    return Case(name, includes, (diff,), prepare)


def _of_trees(workspace: Workspace) -> Iterator[Case]:
    """A tree with one change and one without, as folders for platformc and as files for dyff, which takes no folders."""
    folder = case_folder(workspace, TREES)
    platform, cache = folder / "platform", folder / "cache"
    shutil.copytree(workspace.inputs / "platformc", platform)
    fresh_cache(workspace, cache)
    render = ("--quiet", "render", "--no-validate", "--specs", str(platform / "specs"))
    change = changing(platform)
    sides = []
    for side in ("before", "after"):
        run(Case(side, "", (platformc_command(workspace, cache, *render),)))
        tree, stream = folder / side, folder / f"{side}.yaml"
        shutil.copytree(platform / "rendered", tree, ignore=shutil.ignore_patterns(".platformc"))
        files = sorted(path for path in tree.rglob("*.yaml"))
        stream.write_bytes(b"---\n".join(path.read_bytes() for path in files))
        sides.append((tree, stream))
        change()
    (before, old), (after, new) = sides
    diff = ("--quiet", "diff", "--specs", str(platform / "specs"), "--base", str(before), "--head", str(after))
    yield Case(
        TREES,
        "reads and compares the files that were rendered; compiles nothing, so effects have no causes",
        (platformc_command(workspace, cache, *diff),),
    )
    yield Case(
        DYFF,
        "reads and compares the same objects; text of what differs, without what it does",
        (command_of(workspace, str(workspace.tools.dyff), "between", "--omit-header", str(old), str(new)),),
    )


def _own_platform(repository: Path, folder: Path) -> None:
    for name in OF_A_PLATFORM:
        shutil.copytree(repository / name, folder / name)


def _scaling(folder: Path) -> Callable[[], None]:
    """What gives one workload another number of replicas, each time a new one."""
    files = sorted((folder / "specs").rglob("*.yaml"))
    path = next((each for each in files if REPLICAS.search(each.read_text(encoding="utf-8"))), None)
    if path is None:
        raise BenchmarkError(f"{folder}/specs has no number of replicas to change")
    numbers = count(2)

    def change() -> None:
        text = REPLICAS.sub(rf"\g<before>{next(numbers)}", path.read_text(encoding="utf-8"), count=1)
        path.write_text(text, encoding="utf-8")

    return change
