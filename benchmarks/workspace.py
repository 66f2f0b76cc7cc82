"""workspace: the folder in which everything is measured, and every case in it.

In      Tools, a number of components, a folder for what is written.
Out     Cases, each with folders of its own, so that none finds what another one left.
Never   measures. Whatever makes a run begin from the same state each time is in its `prepare`.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks.components import components
from benchmarks.measure import BenchmarkError, Case, Command, run
from benchmarks.platform_generator import environment_names, spec_file, write_inputs, write_platform
from benchmarks.tools import Tools, clean_environment

COLD = "platformc, cold"
COLD_VALIDATED = "platformc, cold, validated"
UNCHANGED = "platformc, nothing changed"
UNCHANGED_VALIDATED = "platformc, nothing changed, validated"
ONE_CHANGE = "platformc, one component changed"
ONE_CHANGE_VALIDATED = "platformc, one component changed, validated"
COPY = "cp -r"
KUBECONFORM = "kubeconform"
HELM = "helm template"
JSONNET = "jsonnet -m"
CDK8S = "cdk8s"
KUSTOMIZE = "kustomize build"
HELP = "platformc --help"
IMPORT_CLICK = "python -c 'import click'"
FLEET_CHECK_ALONE = "check, one process"
FLEET_CHECK = "check, a process for each core"
FLEET_CHECK_CHANGE = "check, one environment changed"
FLEET_RENDER_ALONE = "render, one process"
FLEET_RENDER = "render, a process for each core"
FLEET_RENDER_CHANGE = "render, one environment changed"

WARM = ("bin", "kubernetes", "own", "schemas")
"""What is in the cache of a cold run: kubeconform and schemas. All else there are results of earlier runs."""

LOG_LEVEL = re.compile(r"LOG_LEVEL: \w+")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where the inputs are; made by `prepare_workspace`. All paths are absolute."""

    folder: Path
    tools: Tools
    components: int
    schemas: Path
    """A cache folder of platformc with kubeconform and all schemas in it, and nothing else. Never run with."""

    @property
    def inputs(self) -> Path:
        """What platform_generator wrote."""
        return self.folder / "inputs"

    def output(self, tool: str) -> Path:
        """The folder, or for helm the file, that a tool writes."""
        return self.folder / "outputs" / tool


def prepare_workspace(folder: Path, tools: Tools, number: int, crds: Path | None) -> Workspace:
    """Write all inputs, and fetch what platformc keeps in its cache. `folder` must be empty."""
    workspace = Workspace(folder, tools, number, folder / "schemas")
    write_inputs(workspace.inputs, number)
    (folder / "outputs").mkdir()
    # One component is enough for every schema to be made ready.
    write_platform(folder / "first", 1)
    setup: list[tuple[str, ...]] = [("setup",), ("render", "--specs", str(folder / "first/specs"))]
    if crds is not None:
        setup.insert(1, ("schemas", "add", str(crds)))
    for words in setup:
        run(Case("setup", "", (platformc_command(workspace, workspace.schemas, *words),)))
    for path in workspace.schemas.iterdir():
        if path.name not in WARM:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return workspace


def platform_cases(workspace: Workspace) -> Iterator[Case]:
    """What platformc is measured doing. Each case is told to begin from its own state, once, right away."""
    yield cold_case(workspace, COLD, "reads, checks and writes everything; nothing in rendered/", workspace.inputs)
    yield cold_case(workspace, COLD_VALIDATED, "the same, and kubeconform", workspace.inputs, validate=True)
    for name, validate in ((UNCHANGED, False), (UNCHANGED_VALIDATED, True)):
        includes = "reads every input and every file, and finds them as the run before left them"
        yield _warm_case(workspace, name, includes, validate=validate, change=False)
    for name, validate in ((ONE_CHANGE, False), (ONE_CHANGE_VALIDATED, True)):
        yield _warm_case(workspace, name, "one variable of one workload is new", validate=validate, change=True)


def cold_case(workspace: Workspace, name: str, includes: str, inputs: Path, *, validate: bool = False) -> Case:
    """A render into an empty folder, with no more in the cache than schemas. `inputs` holds platformc/specs."""
    folder = case_folder(workspace, name)
    shutil.copytree(inputs / "platformc", folder)
    cache = folder / "cache"

    def prepare() -> None:
        _set_aside(folder / "rendered")
        fresh_cache(workspace, cache)

    return Case(name, includes, (_render(workspace, folder, validate=validate),), prepare, folder / "rendered")


def other_cases(workspace: Workspace) -> Iterator[Case]:
    """What everything else is measured doing. The cold case must have run, for what it wrote is copied."""
    written = rendered(workspace, COLD)
    copy = workspace.output("copy")
    yield Case(
        COPY,
        "a copy of the files that platformc wrote: the least that writing can cost",
        (command_of(workspace, str(program_on_path("cp")), "-r", str(written), str(copy)),),
        partial(_set_aside, copy),
        copy,
    )
    yield Case(
        KUBECONFORM,
        "validates the files that platformc wrote; writes nothing",
        (command_of(workspace, *_kubeconform_words(workspace), str(written / "production")),),
    )
    helm = workspace.output("helm.yaml")
    words = (str(workspace.tools.helm), "template", "benchmark", str(workspace.inputs / "helm"))
    yield Case(
        HELM,
        "one chart, one range over all components; text, in one file",
        (command_of(workspace, *words, stdout=helm),),
        output=helm,
    )
    jsonnet = workspace.output("jsonnet")
    yield Case(
        JSONNET,
        "one program; JSON, a file for each object",
        (
            command_of(
                workspace,
                str(workspace.tools.jsonnet),
                "-c",
                "-m",
                str(jsonnet),
                str(workspace.inputs / "jsonnet/main.jsonnet"),
            ),
        ),
        partial(_set_aside, jsonnet),
        jsonnet,
    )
    cdk8s = workspace.output("cdk8s")
    program = (
        str(workspace.tools.node),
        str(workspace.inputs / "cdk8s/main.js"),
        str(workspace.inputs / "cdk8s/components.json"),
    )
    yield Case(
        CDK8S,
        "one program in plain node, without its command line; a file for each component",
        (command_of(workspace, *program, str(cdk8s)),),
        partial(_set_aside, cdk8s),
        cdk8s,
    )
    yield kustomize_case(workspace, workspace.components)


def rendered(workspace: Workspace, name: str) -> Path:
    """Where a case of platformc writes, all environments."""
    return case_folder(workspace, name) / "rendered"


def kustomize_case(workspace: Workspace, number: int) -> Case:
    """One build after the other for `number` components, spread over all; time is scaled to all of them."""
    every = components(workspace.components)
    chosen = every[:: max(1, len(every) // number)][:number]
    output = workspace.output("kustomize")

    def prepare() -> None:
        _set_aside(output)
        output.mkdir()

    def command(name: str) -> Command:
        overlay = workspace.inputs / "kustomize" / name / "overlays/production"
        return command_of(
            workspace, str(workspace.tools.kustomize), "build", str(overlay), "-o", str(output / f"{name}.yaml")
        )

    scaled = f"; {len(chosen)} were built, and the time multiplied" if len(chosen) < len(every) else ""
    return Case(
        KUSTOMIZE,
        f"a base and an overlay for each component, built one after the other; a file for each{scaled}",
        tuple(command(component.name) for component in chosen),
        prepare,
        output,
        len(every) / len(chosen),
    )


def start_cases(workspace: Workspace) -> tuple[Case, Case]:
    """The start of platformc, and the least that a program with click can take."""
    python = str(workspace.tools.python)
    return (
        Case(HELP, "", (command_of(workspace, str(workspace.tools.platformc), "--help"),)),
        Case(IMPORT_CLICK, "", (command_of(workspace, python, "-c", "import click"),)),
    )


def growth_cases(workspace: Workspace, sizes: tuple[int, ...]) -> dict[int, Case]:
    """A cold render for each number of components."""
    made = {}
    for size in sizes:
        inputs = workspace.folder / "growth" / str(size)
        write_platform(inputs / "platformc", size)
        made[size] = cold_case(workspace, f"{size} components", "", inputs)
    return made


def environments_cases(workspace: Workspace, number: int, environments: int) -> tuple[Case, Case]:
    """A cold render of many environments, without validation and with it."""
    inputs = workspace.folder / "environments"
    write_platform(inputs / "platformc", number, environments)
    name = f"{environments} environments of {number} components"
    return (
        cold_case(workspace, name, "", inputs),
        cold_case(workspace, f"{name}, validated", "", inputs, validate=True),
    )


def fleet_cases(workspace: Workspace, environments: int) -> Iterator[Case]:
    """The same environments by one process and by several, and after a change in one of them; not validated."""
    inputs = workspace.folder / "environments"
    for verb, alone, several, changed in (
        ("check", FLEET_CHECK_ALONE, FLEET_CHECK, FLEET_CHECK_CHANGE),
        ("render", FLEET_RENDER_ALONE, FLEET_RENDER, FLEET_RENDER_CHANGE),
    ):
        yield _fleet_case(workspace, alone, inputs, verb, "--jobs", "1")
        yield _fleet_case(workspace, several, inputs, verb)
        yield _fleet_case(workspace, changed, inputs, verb, changes=environment_names(environments)[-1])


def _fleet_case(workspace: Workspace, name: str, inputs: Path, *words: str, changes: str = "") -> Case:
    """A cold run; or, if an environment changes each time, one after the other."""
    folder = case_folder(workspace, name)
    shutil.copytree(inputs / "platformc", folder)
    cache = folder / "cache"
    command = platformc_command(workspace, cache, "--quiet", *words, "--no-validate", "--specs", str(folder / "specs"))
    output = folder / "rendered" if words[0] == "render" else None

    def prepare() -> None:
        _set_aside(folder / "rendered")
        fresh_cache(workspace, cache)

    if not changes:
        return Case(name, "", (command,), prepare, output)
    prepare()
    run(Case(name, "", (command,)))
    return Case(name, "", (command,), _overriding(folder, changes), output)


def _overriding(folder: Path, environment: str) -> Callable[[], None]:
    """What gives one workload another number of replicas in one environment, each time a new one."""
    path = folder / "specs/environments" / f"{environment}.yaml"
    text = path.read_text(encoding="utf-8")
    name = components(1)[0].name
    numbers = count(2)

    def change() -> None:
        override = f"{{kind: Workload, metadata: {{name: {name}}}, spec: {{replicas: {next(numbers)}}}}}"
        path.write_text(f"{text}  overrides: [{override}]\n", encoding="utf-8")

    return change


def _warm_case(workspace: Workspace, name: str, includes: str, *, validate: bool, change: bool) -> Case:
    """A render over what the last one left: files, and whatever platformc chose to remember."""
    folder = case_folder(workspace, name)
    shutil.copytree(workspace.inputs / "platformc", folder)
    fresh_cache(workspace, folder / "cache")
    render = _render(workspace, folder, validate=validate)
    run(Case(name, "", (render,)))
    if not any((folder / "cache/answers").iterdir()):
        raise BenchmarkError(f"{name}: the first run left no answer for the next one")
    return Case(name, includes, (render,), changing(folder) if change else _nothing, folder / "rendered")


def changing(folder: Path) -> Callable[[], None]:
    """What gives one workload in the middle another log level, each time a new one."""
    every = components(sum(1 for _ in (folder / "specs").glob("app*/c*.yaml")))
    path = spec_file(folder, every[len(every) // 2])
    numbers = count()

    def change() -> None:
        text, changed = LOG_LEVEL.subn(f"LOG_LEVEL: level{next(numbers)}", path.read_text(encoding="utf-8"))
        if changed != 1:
            raise BenchmarkError(f"{path} has no variable to change")
        path.write_text(text, encoding="utf-8")

    return change


def _nothing() -> None:
    """Begin from what the last run left."""


def _set_aside(path: Path) -> None:
    """Make room for what is written next, without deleting: that is for the end.

    An ext4 without a journal looks at every inode freed in the last minutes before it takes a new one
    (`recently_deleted` in fs/ext4/ialloc.c), so that thousands of files cost seconds after as many were deleted.
    """
    if path.exists():
        path.rename(path.with_name(f"{path.name}.{sum(1 for _ in path.parent.iterdir())}"))


def fresh_cache(workspace: Workspace, cache: Path) -> None:
    """A cache folder of a cold run."""
    _set_aside(cache)
    shutil.copytree(workspace.schemas, cache, symlinks=True)


def _render(workspace: Workspace, folder: Path, *, validate: bool) -> Command:
    words = ("--quiet", "render", "--specs", str(folder / "specs"), *(() if validate else ("--no-validate",)))
    return platformc_command(workspace, folder / "cache", *words)


def platformc_command(workspace: Workspace, cache: Path, *words: str) -> Command:
    """A run of platformc with a cache folder."""
    environment = {**clean_environment(), "PLATFORMC_CACHE": str(cache)}
    return Command((str(workspace.tools.platformc), *words), workspace.folder, environment)


def command_of(workspace: Workspace, *words: str, stdout: Path | None = None) -> Command:
    """A run of another program."""
    environment = {**clean_environment(), "NODE_PATH": str(workspace.tools.node_modules)}
    return Command(words, workspace.folder, environment, stdout)


def _kubeconform_words(workspace: Workspace) -> Iterator[str]:
    """The kubeconform and the schemas that platformc uses; quiet, where platformc asks for a result for each object."""
    yield str(next((workspace.schemas / "bin").glob("kubeconform-*")))
    yield from ("-strict", "-ignore-missing-schemas", "-kubernetes-version", "1.34.0")
    for folder in (*sorted((workspace.schemas / "kubernetes").iterdir()), workspace.schemas / "schemas/kinds"):
        yield from (
            "-schema-location",
            f"{folder.as_uri()}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
        )
    yield from ("-n", str(os.cpu_count() or 1))


def program_on_path(name: str) -> Path:
    """A program that every machine has. Raises BenchmarkError if this one has not."""
    found = shutil.which(name)
    if found is None:
        raise BenchmarkError(f"{name} is needed and not on PATH")
    return Path(found)


def case_folder(workspace: Workspace, name: str) -> Path:
    """The folder of a case, where specs/ and rendered/ stand."""
    return workspace.folder / "cases" / name.replace(", ", "-").replace(" ", "-")
