"""What paths promise: readable, safe on every file system, and never shared by two objects."""

import json
from random import Random
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.lower.manifest import ObjectId
from platformc.tree import arrange
from platformc.tree.layout import folder_name, is_rendered_path

words = st.one_of(
    st.sampled_from(
        ["a", "A", "a.b", "a-b", "a--b", ".", "..", "_cluster", "%41", "a:b", "a/b", "é", "x" * 253, "X" * 253]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    st.text(alphabet="aA.-%~_:", min_size=1, max_size=4),
)
identities = st.builds(ObjectId, st.just("") | words, words, st.just("") | words, words)


class TestPaths:
    """Where single objects go."""

    @pytest.mark.parametrize(
        ("identity", "path"),
        [
            (ObjectId("apps", "Deployment", "stoat", "bot"), "stoat/stoat/deployment-bot.yaml"),
            (ObjectId("", "Namespace", "", "stoat"), "stoat/_cluster/namespace-stoat.yaml"),
            (ObjectId("r", "ClusterRole", "", "system:Node"), "stoat/_cluster/clusterrole-system%3a%4eode.yaml"),
            (ObjectId("r", "Role", "..", "../../etc"), "stoat/%2e./role-%2e.%2f..%2fetc.yaml"),
            (ObjectId("r", "Role", "_cluster", "a\\b"), "stoat/%5fcluster/role-a%5cb.yaml"),
        ],
    )
    def test_one_object(self, identity: ObjectId, path: str) -> None:
        """The path says application, namespace, kind and name; what a file name cannot hold is encoded."""
        assert arrange([("stoat", identity)]) == (path,)

    def test_group_only_where_kinds_meet(self) -> None:
        """Two kinds of one name get their group, in that folder alone; the core group has none to give."""
        service = ObjectId("", "Service", "stoat", "bot")
        knative = ObjectId("serving.knative.dev", "Service", "stoat", "bot")
        other = ObjectId("my-mesh.io", "Service", "stoat", "bot")
        elsewhere = ObjectId("serving.knative.dev", "Service", "stoat", "web")
        assert arrange([("a", service), ("a", knative), ("a", other), ("a", elsewhere), ("b", knative)]) == (
            "a/stoat/service-bot.yaml",
            "a/stoat/service.serving.knative.dev-bot.yaml",
            "a/stoat/service.my%2dmesh.io-bot.yaml",
            "a/stoat/service-web.yaml",
            "b/stoat/service-bot.yaml",
        )

    def test_kinds_that_differ_in_case_alone(self) -> None:
        """Nothing forbids a raw manifest to hold them, so they are told apart."""
        first, second = ObjectId("x.io", "FooBar", "", "a"), ObjectId("x.io", "Foobar", "", "a")
        assert arrange([("a", first), ("a", second)]) == (
            "a/_cluster/%46oo%42ar.x.io-a.yaml",
            "a/_cluster/%46oobar.x.io-a.yaml",
        )

    def test_very_long_names_fit(self) -> None:
        """Names of 253 characters are legal in Kubernetes, and file systems stop at 255 bytes for all of it."""
        names = ["x" * 252 + end for end in "ab"]
        paths = arrange([("stoat", ObjectId("", "ConfigMap", "stoat", name)) for name in names])
        assert len(set(paths)) == 2
        assert all(len(path.rpartition("/")[2]) <= 200 and is_rendered_path(f"production/{path}") for path in paths)

    @pytest.mark.parametrize(
        "identity", [ObjectId("", "", "a", "b"), ObjectId("", "A", "a", ""), ObjectId("", "A", "", "\ud800")]
    )
    def test_what_has_no_path(self, identity: ObjectId) -> None:
        """An object without kind or name is nothing, and a lone surrogate cannot be encoded."""
        with pytest.raises(ValueError, match=r"cannot become a file|surrogates not allowed"):
            arrange([("stoat", identity)])

    def test_empty_application(self) -> None:
        """An empty folder name would move the object one level up."""
        with pytest.raises(ValueError, match="empty name"):
            arrange([("", ObjectId("", "ConfigMap", "a", "b"))])


class TestProperties:
    """What holds for all names."""

    @given(st.lists(st.tuples(words, identities), max_size=12, unique=True))
    def test_no_two_objects_share_a_path(self, objects: list[tuple[str, ObjectId]]) -> None:
        """Not even on a file system that ignores case, and every path is one we would believe in an index."""
        paths = arrange(objects)
        assert len({path.casefold() for path in paths}) == len(objects)
        assert [path for path in paths if not is_rendered_path(f"{folder_name('production')}/{path}")] == []

    @given(st.lists(st.tuples(words, identities), max_size=8, unique=True), st.randoms())
    def test_order_does_not_matter(self, objects: list[tuple[str, ObjectId]], random: Random) -> None:
        """An object's path depends on what is there, not on what came first."""
        shuffled = list(objects)
        random.shuffle(shuffled)
        assert dict(zip(objects, arrange(objects), strict=True)) == dict(zip(shuffled, arrange(shuffled), strict=True))

    @given(words.filter(lambda word: len(word) < 20))
    def test_names_can_be_read_back(self, name: str) -> None:
        """Any URL tool decodes a folder or file name."""
        assert unquote(folder_name(name), errors="strict") == name
        (path,) = arrange([("a", ObjectId("", "Role", "", name))])
        assert unquote(path) == f"a/_cluster/role-{name}.yaml"

    @pytest.mark.parametrize(
        "path",
        [
            "", "/", "a/b/c", "a/b/c/d", "a/b/c/d.json", "/a/b/c/d.yaml", "../b/c/d.yaml", "a/../c/d.yaml", "a/./c/d.yaml",
            "a//c/d.yaml", "a/b/c/d.yaml/", "a/b/c/d.yaml\n", ".platformc/b/c/d.yaml", "a/b/c/.yaml", "a/b/c/D.yaml",
            "a/b/c/e/d.yaml", "a\\b/b/c/d.yaml", "a/b/c/\0.yaml", "a/b/c/é.yaml", f"a/b/c/{'x' * 250}.yaml",
        ],
    )  # fmt: skip
    def test_paths_that_are_not_believed(self, path: str) -> None:
        """What an index or journal says cannot lead out of the folder or to our own files."""
        assert not is_rendered_path(path), json.dumps(path)
