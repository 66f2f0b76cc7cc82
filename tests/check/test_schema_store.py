from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from platformc.check.schemas.store import (
    Added,
    SchemaStore,
    add_file,
    add_folder,
    known_definitions,
    own_schemas,
)
from platformc.diagnostics import UsageError

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {plural}.example.org
spec:
  group: example.org
  names: {{kind: {kind}, plural: {plural}}}
  versions:
    - name: {version}
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                {field}: {{type: string}}
"""


BOMB = b"a0: &a0 [1]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 9)
)
"""A hundred million values in nine lines."""


def crd(kind: str = "Thing", field: str = "size", version: str = "v1") -> bytes:
    """A CRD file whose kind has one field."""
    return CRD.format(kind=kind, plural=f"{kind.lower()}s", field=field, version=version).encode()


@pytest.fixture
def store(tmp_path: Path) -> SchemaStore:
    """An empty store; not even its folder exists."""
    return SchemaStore(tmp_path / "schemas")


def fields(store: SchemaStore, file: str = "example.org/thing_v1.json") -> list[str]:
    """The fields of a stored kind's spec."""
    schema = json.loads((store.kinds / file).read_bytes())
    return sorted(schema["properties"]["spec"]["properties"])


class TestFile:
    """One file after the other."""

    def test_a_definition_is_converted_and_noted(self, store: SchemaStore) -> None:
        """The schema is where kubeconform looks, the note says where it came from."""
        assert add_file(store, crd(), "https://example.org/crd.yaml") == Added(added=("things.example.org",))
        assert fields(store) == ["size"]
        (known,) = known_definitions(store)
        assert (known.name, known.source) == ("things.example.org", "https://example.org/crd.yaml")
        assert known.kinds == (("example.org/v1", "Thing"),)

    def test_the_same_again_changes_nothing(self, store: SchemaStore) -> None:
        """Adding twice is adding once, and the first source stays."""
        add_file(store, crd(), "first")
        assert add_file(store, crd(), "second") == Added(unchanged=("things.example.org",))
        assert [entry.source for entry in known_definitions(store)] == ["first"]

    def test_another_version_of_it_replaces_it(self, store: SchemaStore) -> None:
        """Versions that the new one does not serve any more are gone."""
        add_file(store, crd(version="v1"), "a")
        assert add_file(store, crd(version="v2"), "b") == Added(replaced=("things.example.org",))
        assert [path.name for path in (store.kinds / "example.org").iterdir()] == ["thing_v2.json"]
        assert [entry.source for entry in known_definitions(store)] == ["b"]

    def test_a_lost_schema_comes_back(self, store: SchemaStore) -> None:
        """A note without its schema is not trusted."""
        add_file(store, crd(), "a")
        (store.kinds / "example.org" / "thing_v1.json").unlink()
        add_file(store, crd(), "a")
        assert fields(store) == ["size"]

    def test_several_definitions_in_one_file(self, store: SchemaStore) -> None:
        """All are taken, other documents between them are not; the same file again is known as a whole."""
        content = crd() + b"---\nkind: ConfigMap\n---\n" + crd("Other")
        assert add_file(store, content, "a") == Added(added=("things.example.org", "others.example.org"))
        assert add_file(store, content, "a") == Added(unchanged=("others.example.org", "things.example.org"))

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"kind: ConfigMap\n", "contains no CustomResourceDefinition"),
            (b"", "contains no CustomResourceDefinition"),
            (b"a: [\n", "is not valid YAML: line 2"),
            (b"a: *unknown\n", "is not valid YAML: line 1"),
            (b"\xff\xfe\x00", "is not valid YAML"),
            (b"[" * 50_000, "is nested deeper than 200 levels"),
            (crd().replace(b"group: example.org", b"group: ../../etc"), "not a name"),
            (crd().replace(b"served: true", b"served: true\n      name: 3"), "name is not text"),
            (BOMB, "values"),
            (b"a: &a [*a]\n", "values"),
        ],
    )
    def test_what_cannot_be_used_is_told_with_its_reason(self, store: SchemaStore, content: bytes, reason: str) -> None:
        """Nothing is written, nothing is raised."""
        result = add_file(store, content, "bad.yaml")
        assert [name for name, _ in result.ignored] == ["bad.yaml"]
        assert reason in result.ignored[0][1]
        assert not store.folder.exists()

    def test_texts_that_look_like_dates_stay_texts(self, store: SchemaStore) -> None:
        """YAML 1.1 would make dates of them, which JSON does not have."""
        content = crd().replace(b"{type: string}", b"{type: string, enum: [2024-01-01]}")
        add_file(store, content, "a")
        schema = json.loads((store.kinds / "example.org" / "thing_v1.json").read_bytes())
        assert schema["properties"]["spec"]["properties"]["size"]["enum"] == ["2024-01-01"]


class TestFolder:
    """A whole folder at once."""

    def test_every_file_at_any_depth(self, store: SchemaStore, tmp_path: Path) -> None:
        """What is not a definition is named relative to the folder; other files do not count at all."""
        folder = tmp_path / "crds"
        (folder / "deep" / "er").mkdir(parents=True)
        (folder / "a.yaml").write_bytes(crd())
        (folder / "deep" / "er" / "b.yml").write_bytes(crd("Other"))
        (folder / "deep" / "values.yaml").write_text("replicas: 1\n")
        (folder / "README.md").write_text("kind: CustomResourceDefinition\n")
        result = add_folder(store, folder)
        assert sorted(result.added) == ["others.example.org", "things.example.org"]
        assert [name for name, _ in result.ignored] == ["deep/values.yaml"]

    def test_no_such_folder(self, store: SchemaStore, tmp_path: Path) -> None:
        """The command line is wrong then."""
        with pytest.raises(UsageError, match="is not a folder"):
            add_folder(store, tmp_path / "nowhere")

    @pytest.mark.slow
    def test_all_of_upstream(self, store: SchemaStore, upstream_crds: Path) -> None:
        """Every upstream file is a definition, converts and is known afterwards."""
        result = add_folder(store, upstream_crds)
        files = list(upstream_crds.rglob("*.yaml"))
        assert len(files) > 50
        assert (len(result.added), result.replaced, result.ignored) == (len(files), (), ())
        assert add_folder(store, upstream_crds) == Added(unchanged=result.added)


class TestOwn:
    """Definitions that are part of the input."""

    def test_they_have_a_folder_of_their_own_by_content(self, tmp_path: Path) -> None:
        """Other definitions, another folder; the same ones, the same folder."""
        first, second = yaml.safe_load(crd(field="a")), yaml.safe_load(crd(field="b"))
        folder, kinds = own_schemas(tmp_path, [first])
        assert kinds == {("example.org/v1", "Thing")}
        assert own_schemas(tmp_path, [first])[0] == folder
        assert own_schemas(tmp_path, [second])[0] != folder
        assert (folder / "example.org" / "thing_v1.json").is_file()
