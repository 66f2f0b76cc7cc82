"""What the type check says about Compositions, rule by rule, on our own with something changed."""

from __future__ import annotations

import copy
import re
import shutil
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import MANAGED
from composition_mutations import FACTS, FOLDER, INPUT, SCHEMA, Claim, RememberedKinds, changed, with_value, without
from hypothesis import given
from hypothesis import strategies as st
from platformc.check.claim_api import SourceObject, check_claim_api, check_compositions
from platformc.check.claim_api.cel.rules import broken_rules
from platformc.check.claim_api.field_path import shown, steps_of
from platformc.check.claim_api.shape import always, closed, misfits, value_misfits
from platformc.check.kubeconform.validation import unchecked_compositions
from platformc.check.policies.object_fields import below, sequence
from platformc.check.schemas.store import SchemaStore
from platformc.check.schemas.structural_defaults import with_defaults
from platformc.diagnostics import Finding, Severity
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.nodes import KeyPath, Mapping, at, plain, scalars
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile
from platformc.pipeline import Request, Tools, compile_platform
from small_platform import FILES

RESOURCE: KeyPath = (*INPUT, "resources", 0)
TEXT = {"type": "string"}


def patch_at(claim: Claim, target: str) -> KeyPath:
    """Where the patch with this target stands."""
    return next(place for place, _resource, patch in claim.patches() if patch["toFieldPath"] == target)


def of(kind: str, scope: str = "Namespaced") -> Claim:
    """A claim as it stands in crossplane/."""
    return Claim.of(kind, scope)


def composing(claim: Claim, change: Callable[[Mapping], Mapping]) -> Claim:
    """The claim with another Composition."""
    return replace(claim, composition=change(claim.composition))


def the(findings: list[Finding]) -> Finding:
    """The one finding, an error."""
    assert len(findings) == 1, findings
    assert findings[0].severity is Severity.ERROR
    return findings[0]


class TestOfFields:
    """What a patch or a base names."""

    def test_a_near_miss_is_suggested(self, managed: RememberedKinds) -> None:
        """In the managed kind; and only that is told, not what follows from it."""
        claim = of("queue")
        place = (*patch_at(claim, "spec.forProvider.region"), "toFieldPath")
        found = the(composing(claim, lambda node: with_value(node, place, "spec.forProvider.regoin")).findings(managed))
        assert found.rule == "composition-unknown-field"
        assert found.message == "Queue has no field regoin in spec.forProvider"
        assert found.hint == "did you mean region?"
        assert found.at == claim_span(claim, place)

    def test_a_list_that_is_copied_whole_is_looked_into(self, managed: RememberedKinds) -> None:
        """An item's field that the provider calls otherwise would be refused."""
        claim = of("table")
        path = (*SCHEMA, "properties", "spec", "properties", "attribute", "items", "properties", "type", "type")
        found = the(replace(claim, definition=with_value(claim.definition, path, "boolean")).findings(managed))
        assert found.message == (
            "spec.attribute[0].type does not fit spec.forProvider.attribute[0].type of Table: "
            "it is boolean, but text is expected"
        )

    def test_a_whole_number_is_a_number(self, managed: RememberedKinds) -> None:
        """The provider has number where AWS takes whole ones."""
        assert of("queue").findings(managed) == []
        claim = of("queue")
        path = (*SCHEMA, "properties", "spec", "properties", "delaySeconds", "type")
        found = the(replace(claim, definition=with_value(claim.definition, path, "string")).findings(managed))
        assert (found.rule, "it is text, but a number is expected" in found.message) == ("composition-wrong-type", True)


def claim_span(claim: Claim, path: KeyPath) -> Any:
    """Where a value of the Composition stands."""
    node = at(claim.composition, path)
    assert node is not None
    return node.span


class TestOfWhatIsLeftOut:
    """What a Composition does not say."""

    def test_a_field_that_a_rule_of_the_provider_requires(self, managed: RememberedKinds) -> None:
        """`policy` is required by CEL alone; a Composition that has it from a field of few claims lacks it."""
        claim = of("repositorylifecycle")
        required = (*SCHEMA, "properties", "spec", "required", 2)
        assert plain(at(claim.definition, required) or claim.definition) == "policy"
        found = the(replace(claim, definition=without(claim.definition, required)).findings(managed))
        assert found.rule == "composition-missing-field"
        assert (
            found.message == "LifecyclePolicy requires spec.forProvider.policy, but spec.policy is optional in a claim"
        )

    def test_a_field_that_the_schema_requires(self, managed: RememberedKinds) -> None:
        """A region may be left out of the claim only if something else says it."""
        claim = of("queue")
        found = the(
            replace(
                claim, definition=without(claim.definition, (*SCHEMA, "properties", "spec", "required", 0))
            ).findings(managed)
        )
        assert found.message == "Queue requires spec.forProvider.region, but spec.region is optional in a claim"

    def test_a_patch_that_waits_for_its_source_is_enough(self, managed: RememberedKinds) -> None:
        """With policy Required nothing is made until the value is there."""
        claim = of("queue")
        text = "{fromFieldPath: spec.region, toFieldPath: spec.forProvider.region, policy: {fromFieldPath: Required}}"
        (document,), _, _ = read_documents(SourceFile("patch.yaml", text))
        place = patch_at(claim, "spec.forProvider.region")
        waiting = changed(claim.composition, place, lambda _old: document.root)
        assert isinstance(waiting, Mapping)
        optional = without(claim.definition, (*SCHEMA, "properties", "spec", "required", 0))
        assert replace(claim, composition=waiting, definition=optional).findings(managed) == []

    def test_a_map_that_is_required_is_made_by_what_is_written_into_it(self, managed: RememberedKinds) -> None:
        """A CEL rule of the provider requires the map; a field of every claim goes into it, or one of few."""
        claim = of("queue")
        into = (*patch_at(claim, "spec.forProvider.name"), "toFieldPath")
        composition = with_value(claim.composition, into, "spec.forProvider.versioningConfiguration.status")
        for field, value in (("kind", "BucketVersioning"), ("apiVersion", "s3.aws.m.upbound.io/v1beta1")):
            composition = with_value(composition, (*RESOURCE, "base", field), value)
        made = replace(claim, composition=composition)
        for place, _resource, patch in reversed(list(made.patches())):
            unknown = re.match(r"spec\.forProvider\.(?!region|versioning)", patch["toFieldPath"])
            if unknown or patch["fromFieldPath"].startswith("status.atProvider."):
                made = replace(made, composition=without(made.composition, place))
        assert "composition-missing-field" not in {one.rule for one in made.findings(managed)}
        optional = without(claim.definition, (*SCHEMA, "properties", "spec", "required", 1))
        (found,) = [
            one.message
            for one in replace(made, definition=optional).findings(managed)
            if one.rule == "composition-missing-field"
        ]
        assert found == (
            "BucketVersioning requires spec.forProvider.versioningConfiguration, but spec.queueName is optional in a claim"
        )

    def test_what_terraform_requires_and_no_schema_says(self, managed: RememberedKinds) -> None:
        """A KMS key without `enabled` is refused by the provider."""
        claim = of("table")
        place = patch_at(claim, "spec.forProvider.serverSideEncryption.enabled")
        found = the(composing(claim, lambda node: without(node, place)).findings(managed))
        assert found.message == "Table requires spec.forProvider.serverSideEncryption.enabled, but nothing sets it"

    def test_a_field_that_is_only_asked_for_its_presence_is_unused(self, managed: RememberedKinds) -> None:
        """`match` with one result for everything takes nothing of the key along."""
        claim = of("table")
        place = patch_at(claim, "spec.forProvider.serverSideEncryption.kmsKeyArn")
        found = the(composing(claim, lambda node: without(node, place)).findings(managed))
        assert (found.rule, found.message) == (
            "claim-field-unused",
            "spec.kmsKeyArn of Table reaches no managed resource",
        )

    def test_a_resource_that_lacks_what_its_neighbour_has(self, managed: RememberedKinds) -> None:
        """The finding stands at its name and shows the neighbour's patch."""
        claim = of("identity")
        place = next(
            place
            for place, resource, patch in claim.patches()
            if resource[-1] == 1 and patch["toFieldPath"] == "spec.forProvider.tags"
        )
        found = the(composing(claim, lambda node: without(node, place)).findings(managed))
        assert found.rule == "composition-patch-left-out"
        assert found.message == "policy does not copy spec.tags to spec.forProvider.tags, unlike user"
        assert len(found.related) == 1

    def test_details_of_a_claim_that_names_no_secret(self, managed: RememberedKinds) -> None:
        """Nobody could read them; the older form needs a namespace to keep them in."""
        claim = of("identity", "LegacyCluster")
        place = ("spec", "writeConnectionSecretsToNamespace")
        found = the(composing(claim, lambda node: without(node, place)).findings(managed))
        assert found.message == (
            "without spec.writeConnectionSecretsToNamespace, the connection details of XIdentity are lost"
        )
        assert found.at.path == "crossplane/identity/composition.yaml"


class TestOfKinds:
    """What is composed."""

    def test_a_version_that_is_not_served(self, managed: RememberedKinds) -> None:
        """It is a mistake, and no missing schema."""
        claim = of("queue")
        place = (*RESOURCE, "base", "apiVersion")
        found = the(
            composing(claim, lambda node: with_value(node, place, "sqs.aws.m.upbound.io/v1beta2")).findings(managed)
        )
        assert (found.rule, found.hint) == ("composition-unknown-kind", "write sqs.aws.m.upbound.io/v1beta1")

    def test_a_cluster_scoped_kind_in_a_namespaced_claim(self, managed: RememberedKinds) -> None:
        """Crossplane refuses it only when the first claim is composed."""
        claim = of("queue")
        place = (*RESOURCE, "base", "apiVersion")
        found = the(
            composing(claim, lambda node: with_value(node, place, "sqs.aws.upbound.io/v1beta1")).findings(managed)
        )
        assert found.rule == "composition-wrong-scope"
        assert found.message == "Queue cannot compose Queue of sqs.aws.upbound.io/v1beta1, which is cluster-scoped"

    def test_without_schemas_the_claims_side_is_still_checked(self, tmp_path: Path) -> None:
        """And what was left out is told: a line, or an error where schemas are demanded."""
        claim = of("queue")
        place = (*patch_at(claim, "spec.forProvider.region"), "fromFieldPath")
        checked = composing(claim, lambda node: with_value(node, place, "spec.regions")).checked(SchemaStore(tmp_path))
        assert [finding.rule for finding in checked.findings] == ["composition-unknown-field"]
        (strict,) = unchecked_compositions(checked.unchecked)
        assert (strict.rule, strict.at) == ("schema-missing", claim_span(claim, (*RESOURCE, "base", "kind")))
        assert strict.message.startswith("there is no schema for Queue (sqs.aws.m.upbound.io/v1beta1)")


class TestOfTheClaimAPI:
    """crossplane/ as a compile looks at it."""

    def test_only_the_forms_that_are_rendered_are_checked(self, managed: RememberedKinds, tmp_path: Path) -> None:
        """What legacy.yaml does wrong concerns nobody who has no LegacyCluster; its finding stands in the files."""
        shutil.copytree(FOLDER, tmp_path / "crossplane")
        path = tmp_path / "crossplane" / "identity" / "legacy.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("fromFieldPath: metadata.uid", "fromFieldPath: metadata.uuid"), encoding="utf-8")
        claim_api = load_claim_api(DiskFolder(tmp_path / "crossplane"), "crossplane")
        assert check_claim_api(claim_api, {"Namespaced"}, managed, FACTS).findings == ()
        found = the(list(check_claim_api(claim_api, {"Namespaced", "LegacyCluster"}, managed, FACTS).findings))
        assert (found.rule, found.hint) == ("composition-unknown-field", "did you mean uid?")
        assert found.at.path == "crossplane/identity/legacy.yaml"

    def test_without_an_environment_the_written_form_is_checked(self, managed: RememberedKinds) -> None:
        """So that nothing in crossplane/ is ever looked at by nobody."""
        claim_api = load_claim_api(DiskFolder(FOLDER), "crossplane")
        checked = check_claim_api(claim_api, set(), SchemaStore(Path("nowhere")), FACTS)
        assert {unchecked.api_version.partition("/")[0] for unchecked in checked.unchecked} == {
            one.api_versions[0].partition("/")[0] for one in MANAGED.values()
        }
        assert check_claim_api(claim_api, set(), managed, FACTS).unchecked == ()

    @pytest.mark.parametrize("strict", [True, False])
    def test_a_compile_tells_what_was_not_checked(self, tmp_path: Path, *, strict: bool) -> None:
        """As an error where schemas are demanded, else beside the findings; never silently."""
        shutil.copytree(FOLDER, tmp_path / "crossplane")
        for name, text in FILES.items():
            path = tmp_path / "specs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        request = Request(tmp_path, tmp_path / "specs", tmp_path / "rendered", validate=False, strict_schemas=strict)
        outcome = compile_platform(request, Tools(tmp_path / "cache", ""), lambda _stage: None)
        assert len(outcome.unchecked) == len(MANAGED)
        errors = [finding.rule for finding in outcome.findings if finding.severity is Severity.ERROR]
        assert errors == (["schema-missing"] * len(MANAGED) if strict else [])


DAMAGES: st.SearchStrategy[Any] = st.sampled_from(
    [None, 7, True, "", "x", "spec.a[0].b", [], [1], {}, {"type": "x"}, [[]], [{"a": []}], 1.5]
)


@pytest.mark.hypothesis
@given(data=st.data())
def test_no_shape_of_an_object_is_too_odd(data: st.DataObject) -> None:
    """Whatever stands anywhere, the check says something or nothing, and never raises."""
    claim = of(data.draw(st.sampled_from(["identity", "table"])))
    objects = [plain(claim.definition), plain(claim.composition)]
    for _ in range(data.draw(st.integers(1, 3))):
        one, node = data.draw(st.sampled_from(list(zip(objects, (claim.definition, claim.composition), strict=True))))
        path = data.draw(st.sampled_from([path for path, _ in scalars(node)]))
        depth = data.draw(st.integers(1, len(path)))
        _put(one, path[:depth], copy.deepcopy(data.draw(DAMAGES)))
    written = [
        SourceObject(one, node) for one, node in zip(objects, (claim.definition, claim.composition), strict=True)
    ]
    check_compositions(written, SchemaStore(Path("nowhere")), FACTS)
    made = with_defaults(_schema(objects[0]), {"spec": {"userName": "a", "attribute": [{"name": "a"}]}})
    list(broken_rules(made, _schema(objects[0])))


def _schema(definition: Any) -> Any:
    """The schema of the first version, as far as there is one."""
    versions = sequence(below(definition, "spec", "versions"))
    return below(versions[0], "schema", "openAPIV3Schema") if versions else None


def _put(value: Any, path: KeyPath, new: Any) -> None:
    for step in path[:-1]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return  # an earlier damage took the place away
    if isinstance(value, dict | list):
        try:
            value[path[-1]] = new  # type: ignore[index]  # whichever of the two it is
        except (IndexError, TypeError):
            return


class TestFieldPaths:
    """Crossplane's notation."""

    @pytest.mark.parametrize("text", ["spec.a", "spec.a[0].b", "metadata.annotations[example.org/name]", "a"])
    def test_what_is_read_can_be_written(self, text: str) -> None:
        """Steps and text are the same thing."""
        assert shown(steps_of(text)) == text

    @pytest.mark.parametrize("text", ["", ".a", "a.", "a..b", "a[0", "a[]", "a]", "spec.a[*].b", "spec a"])
    def test_what_is_no_path_is_refused(self, text: str) -> None:
        """So are wildcards, whose reach no schema tells."""
        with pytest.raises(ValueError, match=r"path|wildcard"):
            steps_of(text)


class TestShapes:
    """What fits what."""

    @pytest.mark.parametrize(
        ("given_type", "wanted", "message"),
        [
            (TEXT, TEXT, None),
            ({"type": "integer"}, {"type": "number"}, None),
            ({"type": "number"}, {"type": "integer"}, "it is a number, but a whole number is expected"),
            ({"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "integer"}}, "it is text"),
            ({}, TEXT, "it can be of any type, but text is expected"),
            (TEXT, {}, None),
            (TEXT, {"type": "string", "enum": ["a", "b"]}, "it can be any text, but only a, b are allowed"),
            ({"type": "string", "enum": ["a"]}, {"type": "string", "enum": ["a", "b"]}, None),
            ({"type": "string", "enum": ["c"]}, {"type": "string", "enum": ["a"]}, "the text 'c' is not one of a"),
            ({"type": "object", "additionalProperties": TEXT}, {"type": "object", "additionalProperties": TEXT}, None),
            (
                {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
                {"type": "object", "properties": {"b": TEXT}, "additionalProperties": False},
                "the field does not exist",
            ),
            (
                {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
                {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
                "it is optional, but required there",
            ),
        ],
    )
    def test_a_schema_fits_or_says_why_not(self, given_type: Any, wanted: Any, message: str | None) -> None:
        """All values of one must be taken by the other."""
        found = next(misfits(given_type, wanted), None)
        assert (found.message if found else None) == message or (message and found and message in found.message)

    def test_a_value_is_not_asked_for_what_others_add(self) -> None:
        """A base is completed by patches."""
        wanted = {
            "type": "object",
            "properties": {"a": TEXT, "b": TEXT},
            "required": ["b"],
            "additionalProperties": False,
        }
        assert list(value_misfits({"a": "x"}, wanted)) == []
        assert [misfit.below for misfit in value_misfits({"a": 1, "c": 2}, wanted)] == [("a",), ("c",)]

    def test_true_is_no_number(self) -> None:
        """In Python it is one."""
        (misfit,) = value_misfits([True], {"type": "array", "items": {"type": "integer"}})
        assert misfit.message == "true is not a whole number"

    def test_what_an_api_server_drops_is_closed(self) -> None:
        """An object that declares nothing keeps nothing, unless it says so."""
        kept = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        made = closed({"type": "object", "properties": {"a": {"type": "object"}, "b": kept}})
        assert made["additionalProperties"] is False
        assert made["properties"]["a"]["additionalProperties"] is False
        assert "additionalProperties" not in made["properties"]["b"]

    def test_a_default_inside_of_an_optional_map_is_not_always_there(self) -> None:
        """The API server fills it in only where the map is given."""
        inner = {"type": "object", "properties": {"b": {**TEXT, "default": "x"}}}
        assert not always({"type": "object", "properties": {"a": inner}}, ("a", "b"))
        assert always({"type": "object", "properties": {"a": inner}, "required": ["a"]}, ("a", "b"))
