"""Explanations of the platform of this repository that took a second look to be complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.language.nodes import KeyPath
from platformc.origins.explain import PLACES_OF_FILES, Explainer, Explanation
from platformc.pipeline import Request, load_sources

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def production() -> Explainer:
    """The real production environment, with origins."""
    return Explainer(load_sources(Request(ROOT, ROOT / "specs", ROOT / "rendered")), "production")


def test_convention_behind_a_cause(production: Explainer) -> None:
    """An edge makes the container that waits; how little it asks for is a convention. Both are told."""
    file = "stoat/discord-bot/deployment-stoat-api.yaml"
    path = ("spec", "template", "spec", "initContainers", 2, "resources", "requests", "cpu")
    (found,) = production.explain(file, path)
    assert found.value == "10m"
    assert {origin.is_cause for origin in found.origins} == {True}
    assert found.convention is not None
    assert found.convention.id == "wait-containers"


def test_folder_of_an_application(production: Explainer) -> None:
    """The folder that Argo CD syncs has the environment's name in it."""
    (found,) = production.explain("argocd/argocd/application-stoat.yaml", ("spec", "source", "path"))
    assert [origin.document for origin in found.origins] == [
        "Platform discord",
        "Environment production",
        "Application stoat",
    ]


def written(kind: str) -> dict[str, Any]:
    """The spec of the bot's document of a kind."""
    documents = yaml.safe_load_all((ROOT / "specs/discord-bot/bot.yaml").read_text(encoding="utf-8"))
    found: dict[str, Any] = next(one["spec"] for one in documents if one["kind"] == kind)
    return found


def test_the_words_behind_a_policy(production: Explainer) -> None:
    """Each access word with what it is said of, and the actions of its kind's record; no other value has any."""
    file = "discord-bot-aws/discord-bot/identity-discord-bot.yaml"
    needed: dict[tuple[str, str], list[str]] = {}
    for need in written("Workload")["needs"]:
        for word in need.get("access", ()):
            kind, name = next(iter(need.items()))
            needed.setdefault((kind, word), []).append(name)
    (found,) = production.explain(file, ("spec", "policyDocument"))
    assert {("table", "read"), ("table", "write"), ("queue", "send"), ("queue", "receive")} <= set(needed)
    assert {(one.kind, one.word): one.targets for one in found.access} == {
        words: tuple(sorted(names)) for words, names in needed.items()
    }
    statements = {action for one in found.access for action in one.actions}
    assert {action for one in found.access if one.word == "send" for action in one.actions} == {
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    }
    in_aws = {action for one in json.loads(found.value)["Statement"] for action in one["Action"]}
    assert in_aws - statements == {
        action for statement in written("Identity").get("statements", ()) for action in statement["actions"]
    }
    assert [
        one for path in (("spec", "userName"), ("metadata",)) for one in production.explain(file, path) if one.access
    ] == []


def test_who_acts_as_an_identity(production: Explainer) -> None:
    """A policy has the needs of the programs that act as the identity: what says that they do is a cause of it."""
    file = "discord-bot-aws/discord-bot/identity-discord-bot.yaml"
    (found,) = production.explain(file, ("spec", "policyDocument"))
    causes = {origin.path for origin in found.origins if origin.is_cause}
    assert {("spec", "identity"), ("spec", "env", "AWS_ACCESS_KEY_ID")} <= causes
    text = production.sources.texts["specs/discord-bot/bot.yaml"].split("\n")
    assert found in production.reached("specs/discord-bot/bot.yaml", text.index("  identity: discord-bot") + 1)


def test_a_rule_that_is_not_for_everybody() -> None:
    """Who may connect is told in a rule only behind a Service that is not public: an override can be why."""
    staging = Explainer(load_sources(Request(ROOT, ROOT / "specs", ROOT / "rendered")), "staging")
    file = "stoat/discord-bot/networkpolicy-stoat-caddy.yaml"
    found = staging.explain(file, ("spec", "ingress", 0, "from"))
    assert {origin.text for one in found for origin in one.origins if origin.is_cause} >= {"type: ClusterIP"}


def test_an_empty_list_is_told_by_its_key(production: Explainer) -> None:
    """A list that holds nothing was still written somewhere, and is no convention."""
    path = ("spec", "source", "helm", "valuesObject", "provider", "defaultActivations")
    (found,) = production.explain("argocd/argocd/application-crossplane.yaml", path)
    (origin,) = found.origins
    assert (found.value, origin.document, found.convention) == ([], "Addon crossplane", None)
    assert origin.text.startswith("provider: {defaultActivations: []}")
    assert found in production.reached("specs/addons.yaml", origin.at.line)


def test_what_the_scope_of_claims_reaches(production: Explainer) -> None:
    """The definitions, and the kind of the way into AWS."""
    text = production.sources.texts["specs/platform.yaml"].split("\n")
    (line,) = [number for number, one in enumerate(text, 1) if one.strip() == "crossplane: {scope: Namespaced}"]
    found = production.reached("specs/platform.yaml", line)
    assert {one.object.partition("/")[0] for one in found} == {
        "ClusterProviderConfig",
        "CompositeResourceDefinition",
    }
    assert {str(one.value) for one in found if one.path == ("spec", "scope")} == {"Namespaced"}


def test_a_profile_says_who_extends_it(production: Explainer) -> None:
    """A value of a Profile is told with its path, and with the place where the document takes the Profile."""
    file = "stoat/discord-bot/deployment-stoat-autumn.yaml"
    path = ("spec", "template", "spec", "containers", 0, "volumeMounts", 0, "subPath")
    (found,) = production.explain(file, path)
    (origin,) = found.origins
    assert (origin.document, origin.path) == ("Profile stoat-backend", ("spec", "mounts", "/Revolt.toml", "key"))
    assert origin.extended is not None
    assert production.sources.texts[origin.extended.path].split("\n")[origin.extended.line - 1].strip() == (
        "extends: [stoat-backend, stoat-credentials, stoat-http, stoat-after-api]"
    )


def test_a_value_without_origins_tells_its_item(production: Explainer) -> None:
    """An empty folder is there because of `scratch`, and a convention; what has origins of its own needs none."""
    file = "stoat/discord-bot/deployment-stoat-events.yaml"
    volume = ("spec", "template", "spec", "volumes", 1)
    (folder,) = production.explain(file, (*volume, "emptyDir"))
    assert [origin.path for origin in folder.part_of] == [("spec", "scratch", 0)]
    assert folder.convention is not None
    assert folder.convention.id == "scratch-folders"
    assert [one.part_of for one in production.explain(file, (*volume, "name"))] == [()]


def test_the_kinds_of_a_project(production: Explainer) -> None:
    """Each is allowed because of objects that are rendered, or that something makes of what is."""
    file = "argocd/argocd/appproject-platform.yaml"
    found = {
        kind.value: kind.allowed
        for kind in production.explain(file, ("spec", "namespaceResourceWhitelist"))
        if kind.path[-1] == "kind"
    }
    assert all(allowed and (allowed.rendered or allowed.made_of) for allowed in found.values())
    statefulset, pod, queue = found["StatefulSet"], found["Pod"], found["Queue"]
    assert statefulset is not None
    assert pod is not None
    assert queue is not None
    assert "StatefulSet/redis" in statefulset.rendered
    assert pod.rendered == ()
    assert "Deployment/stoat-api" in pod.made_of
    assert [one.allowed for one in production.explain(file, ("spec", "description"))] == [None]


def test_how_a_value_is_worked_out(production: Explainer) -> None:
    """A deadline has its origins in the probe, and a convention that says how it follows from them."""
    (found,) = production.explain("stoat/discord-bot/deployment-stoat-api.yaml", ("spec", "progressDeadlineSeconds"))
    assert [origin.path[-1] for origin in found.origins] == ["periodSeconds", "failureThreshold"]
    assert found.convention is not None
    assert found.convention.id == "rollout-deadline"


def test_a_kind_that_is_switched_on(production: Explainer) -> None:
    """Because a Composition makes it."""
    file = "crossplane-packages/_cluster/managedresourceactivationpolicy-platformc.yaml"
    found = production.explain(file, ("spec", "activate"))
    assert all({one.at.path.rpartition("/")[2] for one in each.origins} == {"composition.yaml"} for each in found)


def line_of(explainer: Explainer, file: str, name: str, text: str) -> Explanation:
    """The explanation of the line that begins with a text, in a file of a ConfigMap or SealedSecret."""
    path = ("data", name) if "configmap" in file else ("spec", "template", "data", name)
    (whole,) = explainer.explain(file, path)
    lines = [line.strip() for line in str(whole.value).split("\n")]
    (found,) = explainer.explain_line(file, path, next(n for n, line in enumerate(lines) if line.startswith(text)))
    assert str(found.value).strip().startswith(text)
    return found


def test_a_line_of_data(production: Explainer) -> None:
    """A line of TOML comes from its own value, with its constants and references; the head of a table from its key."""
    file = "stoat/discord-bot/configmap-stoat-config.yaml"
    app = line_of(production, file, "Revolt.toml", "app =")
    assert [origin.path[-2:] for origin in app.origins] == [("hosts", "app")]
    assert [one.document for one in app.origins[0].constants] == ["Environment production"]
    endpoint = line_of(production, file, "Revolt.toml", "endpoint =")
    assert [origin.document for origin in endpoint.origins] == [
        "Config stoat-config",
        "Workload stoat-minio",
        "Workload stoat-minio",
    ]
    table = line_of(production, file, "Revolt.toml", "[api.smtp]")
    assert [origin.path[-2:] for origin in table.origins] == [("api", "smtp")]


def test_a_line_of_a_text(production: Explainer) -> None:
    """Of the Caddyfile's many lines it is the one in the spec that says the same, with what stands on that alone."""
    file = "stoat/discord-bot/configmap-stoat-caddy.yaml"
    plain = line_of(production, file, "Caddyfile", "admin off")
    assert [(origin.text, origin.constants) for origin in plain.origins] == [("admin off", ())]
    site = line_of(production, file, "Caddyfile", "https://")
    assert [origin.text for origin in site.origins] == ["https://${values.domain} {"]
    assert [one.path[-1] for one in site.origins[0].constants] == ["domain"]
    proxy = line_of(production, file, "Caddyfile", "reverse_proxy stoat-web")
    assert {origin.document for origin in proxy.origins} == {"Config stoat-caddy", "Workload stoat-web"}


def test_a_line_of_a_sealed_file(production: Explainer) -> None:
    """It has the line of the spec, where the keys stand by name, and what else is in it."""
    file = "stoat/discord-bot/sealedsecret-stoat-secrets.yaml"
    found = line_of(production, file, "Revolt.overrides.toml", "mongodb =")
    assert found.origins[0].path[-2:] == ("database", "mongodb")
    assert {origin.document for origin in found.origins} == {"Secret stoat-secrets", "Workload stoat-mongodb"}


def test_lines_where_nothing_stands(production: Explainer) -> None:
    """An empty line is explained as the file is."""
    file, path = "stoat/discord-bot/configmap-stoat-config.yaml", ("data", "Revolt.toml")
    (whole,) = production.explain(file, path)
    empty = str(whole.value).split("\n").index("")
    assert production.explain_line(file, path, empty) == (whole,)


@settings(max_examples=60)
@given(data=st.data())
def test_every_line_has_places_of_its_own(production: Explainer, data: st.DataObject) -> None:
    """Whatever line of whatever file: its places are among those of the file."""
    files = [
        (file, (*place, name))
        for file, manifest in production.files.items()
        if (place := PLACES_OF_FILES.get(str(manifest.object["kind"])))
        for name in below(manifest.object, place)
    ]
    assert len(files) >= 4
    file, path = data.draw(st.sampled_from(files))
    (whole,) = production.explain(file, path)
    number = data.draw(st.integers(0, str(whole.value).rstrip("\n").count("\n")))
    (found,) = production.explain_line(file, path, number)
    assert {origin.document for origin in found.origins} <= {origin.document for origin in whole.origins}
    assert found.line == number + 1 or found == whole


def below(value: Any, path: KeyPath) -> Any:
    """What stands at a path of an object, an empty map where nothing does."""
    for step in path:
        value = value.get(step, {})
    return value


def test_a_value_by_convention_tells_its_document(production: Explainer) -> None:
    """An object's kind has no place in the spec; the document that it is made of has."""
    (kind,) = production.explain("discord-bot/discord-bot/service-redis.yaml", ("kind",))
    assert [(origin.document, origin.path) for origin in kind.part_of] == [("Workload redis", ("metadata", "name"))]


def test_a_line_that_extends_profiles(production: Explainer) -> None:
    """It reaches what the Profiles say in that document's objects; a column chooses one of them."""
    file = "specs/stoat/services.yaml"
    lines = production.sources.texts[file].split("\n")
    text = "extends: [stoat-backend, stoat-credentials, stoat-http, stoat-after-api]"
    number = next(number for number, line in enumerate(lines, 1) if line.strip() == text)
    everything = production.reached(file, number)
    credentials = production.reached(file, number, lines[number - 1].index("stoat-credentials") + 1)
    assert {one.object for one in everything} == {"Deployment/stoat-autumn", "Service/stoat-autumn"}
    assert "Revolt.overrides.toml" in {one.value for one in credentials}
    assert {one.path for one in credentials} < {one.path for one in everything}
