from __future__ import annotations

import hashlib
import re
import socket
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from loopback import WebServer
from platformc.check.schemas.lock import LIMIT, LockedFile, fetch, locked_files
from platformc.check.schemas.store import Added, SchemaStore, known_definitions
from platformc.diagnostics import ToolError

CRD = b"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
spec:
  group: example.org
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, schema: {openAPIV3Schema: {type: object}}}]
"""
FILE = LockedFile("owner/project", "v1.0.0", "crds/thing.yaml", hashlib.sha256(CRD).hexdigest(), ("example.org/Thing",))

PATH = "/owner/project/v1.0.0/crds/thing.yaml"


@pytest.fixture
def store(tmp_path: Path) -> SchemaStore:
    """An empty store."""
    return SchemaStore(tmp_path / "schemas")


class TestLockFile:
    """The committed pins."""

    def test_every_pin_is_complete(self) -> None:
        """A tag is a version, a checksum is a sha256, a path is a CRD file, nothing comes twice."""
        files = locked_files()
        assert {file.repository for file in files} >= {"argoproj/argo-cd", "crossplane/crossplane"}
        for file in files:
            assert re.fullmatch(r"v\d+\.\d+\.\d+", file.tag)
            assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
            assert re.fullmatch(r"[\w./-]+\.yaml", file.path)
            assert file.defines
        assert len({file.address("") for file in files}) == len(files)
        assert len({kind for file in files for kind in file.defines}) == len(files)

    @pytest.mark.slow
    def test_pins_are_upstreams_bytes(self, upstream_crds: Path) -> None:
        """Each pin has the checksum of its upstream file, and names the kinds that are in it."""
        found = set()
        for path in upstream_crds.rglob("*.yaml"):
            content = path.read_bytes()
            kinds = {
                f"{document['spec']['group']}/{document['spec']['names']['kind']}"
                for document in yaml.load_all(content, Loader=yaml.CSafeLoader)
                if document
            }
            found.add((hashlib.sha256(content).hexdigest(), path.name, tuple(sorted(kinds))))
        assert {(file.sha256, Path(file.path).name, file.defines) for file in locked_files()} == found


class TestFetch:
    """Over HTTP, from this machine."""

    def test_a_pinned_file_is_stored_once(self, store: SchemaStore, web_server: WebServer) -> None:
        """One line is reported, and the second time nobody is asked."""
        web_server.files[PATH] = CRD
        said: list[str] = []
        first = fetch(store, files=[FILE], base=web_server.address, report=said.append)
        second = fetch(store, files=[FILE], base=web_server.address, report=said.append)
        assert (first, second) == (Added(added=("things.example.org",)), Added(unchanged=("things.example.org",)))
        assert said == ["[1/1] owner/project v1.0.0 example.org/Thing"]
        assert web_server.asked == [PATH]
        assert [entry.source for entry in known_definitions(store)] == [web_server.address + PATH]

    def test_not_found(self, store: SchemaStore, web_server: WebServer) -> None:
        """The address and the server's answer are named."""
        assert failure(store, web_server.address).startswith(
            f"{web_server.address}{PATH}: the server responded with 404"
        )

    def test_other_bytes(self, store: SchemaStore, web_server: WebServer) -> None:
        """Both checksums are named, and nothing is kept."""
        web_server.files[PATH] = CRD + b"# changed\n"
        got = hashlib.sha256(CRD + b"# changed\n").hexdigest()
        wanted = f"{web_server.address}{PATH} has the checksum {got}, expected {FILE.sha256}"
        assert failure(store, web_server.address) == wanted

    def test_cut_short(self, store: SchemaStore, web_server: WebServer) -> None:
        """Fewer bytes than promised are told as that, not as a wrong checksum."""
        web_server.files[PATH] = CRD
        web_server.promise = 100
        assert f"was truncated: received {len(CRD)} of {len(CRD) + 100} bytes" in failure(store, web_server.address)

    def test_too_large(self, store: SchemaStore, web_server: WebServer) -> None:
        """A server cannot fill the memory."""
        web_server.files[PATH] = bytes(LIMIT + 1)
        assert "larger than" in failure(store, web_server.address)

    def test_nobody_answers(self, store: SchemaStore) -> None:
        """A refused connection."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
            assert "cannot be reached" in failure(store, f"http://127.0.0.1:{taken.getsockname()[1]}")

    def test_an_answer_that_never_comes(self, store: SchemaStore) -> None:
        """The wait has an end."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            assert "no response in time" in failure(store, address, timeout=0.05)

    def test_files_are_not_addresses(self, store: SchemaStore, tmp_path: Path) -> None:
        """Only the web is asked."""
        assert "is not an http or https address" in failure(store, tmp_path.as_uri())

    def test_what_came_before_a_failure_stays(self, store: SchemaStore, web_server: WebServer) -> None:
        """The next call goes on from there."""
        web_server.files[PATH] = CRD
        other = replace(FILE, path="crds/other.yaml", sha256="0" * 64)
        with pytest.raises(ToolError):
            fetch(store, files=[FILE, other], base=web_server.address, report=list[str]().append)
        assert [entry.name for entry in known_definitions(store)] == ["things.example.org"]

    @pytest.mark.slow
    def test_all_pins_from_a_mirror(self, store: SchemaStore, web_server: WebServer, upstream_crds: Path) -> None:
        """The whole lock file is fetched and known; every kind it names has a schema."""
        by_name = {path.name: path.read_bytes() for path in upstream_crds.rglob("*.yaml")}
        files = locked_files()
        web_server.files.update({file.address(""): by_name[Path(file.path).name] for file in files})
        result = fetch(store, files=files, base=web_server.address, report=list[str]().append)
        assert (len(result.added), result.ignored) == (len(files), ())
        known = {f"{api.partition('/')[0]}/{kind}" for entry in known_definitions(store) for api, kind in entry.kinds}
        assert known == {kind for file in files for kind in file.defines}


def failure(store: SchemaStore, base: str, timeout: float = 5.0) -> str:
    """The message of a failed fetch that left nothing behind."""
    with pytest.raises(ToolError) as caught:
        fetch(store, files=[FILE], base=base, report=list[str]().append, timeout=timeout)
    assert not store.folder.exists()
    return caught.value.message
