"""What every pod of the platform gets without asking: the secure baseline, labels, access, what rolls it."""

from __future__ import annotations

from typing import Any

import pytest
from rendered_platform import ENVIRONMENTS, Rendered, containers, environment_of, rendered

RIGHTS = {"discord-bot", "dev-sandbox"}
"""The programs that use Kubernetes' API."""
WRITABLE = {"dev-sandbox", "stoat-rabbitmq"}
"""The programs that write beside their volumes."""
USERS = {
    "discord-bot": 1000,
    "dev-sandbox": 1000,
    "redis": 999,
    "stoat-api": 65532,
    "stoat-autumn": 65532,
    "stoat-caddy": 1000,
    "stoat-crond": 65532,
    "stoat-events": 65532,
    "stoat-gifbox": 65532,
    "stoat-january": 65532,
    "stoat-minio": 1000,
    "stoat-minio-create-buckets": 1000,
    "stoat-mongodb": 999,
    "stoat-pushd": 65532,
    "stoat-rabbitmq": 999,
    "stoat-web": 1000,
}
WITHOUT_PROBES = {"stoat-crond", "stoat-pushd", "stoat-minio-create-buckets"}
"""No port and no shell; a job."""
RESTARTS = {"stoat-api", "stoat-events", "stoat-pushd"}
"""The programs that do not reconnect."""


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


def test_every_program_is_there(platform: Rendered) -> None:
    """All of them, so that no promise below is about less."""
    assert {controller["metadata"]["name"] for controller, _ in platform.pods()} == set(USERS)


class TestBaseline:
    """Pod Security's level `restricted`, and more."""

    def test_pods(self, platform: Rendered) -> None:
        """A numeric user of its own that is not root, the default seccomp profile, nothing of the host."""
        for controller, template in platform.pods():
            spec, name = template["spec"], controller["metadata"]["name"]
            assert spec["enableServiceLinks"] is False, name
            context = spec["securityContext"]
            assert context["runAsNonRoot"] is True
            assert context["runAsUser"] == context["runAsGroup"] == context["fsGroup"] == USERS[name]
            assert context["seccompProfile"] == {"type": "RuntimeDefault"}
            assert not {"hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"} & spec.keys()
            sources = {source for volume in spec.get("volumes", []) for source in volume} - {"name"}
            assert sources <= {"configMap", "secret", "emptyDir", "persistentVolumeClaim"}, name

    def test_containers(self, platform: Rendered) -> None:
        """No escalation, no capability, no writing to the image; init containers too."""
        seen = 0
        for controller, template in platform.pods():
            name = controller["metadata"]["name"]
            for container in containers(template):
                context = container["securityContext"]
                added = {"add": ["NET_BIND_SERVICE"]} if container["name"] == "stoat-caddy" else {}
                assert context == {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": name not in WRITABLE or container["name"].startswith("wait-"),
                    "capabilities": {"drop": ["ALL"], **added},
                }, container["name"]
                seen += 1
        assert seen > 25

    def test_amounts(self, platform: Rendered) -> None:
        """Requests for CPU and memory and a limit for memory, in every container."""
        for _, template in platform.pods():
            for container in containers(template):
                assert {"cpu", "memory"} <= container["resources"]["requests"].keys(), container["name"]
                assert "memory" in container["resources"]["limits"], container["name"]

    def test_probes(self, platform: Rendered) -> None:
        """Liveness and readiness, wherever there is something to ask; each port is one of the container's."""
        for controller, template in platform.pods():
            name = controller["metadata"]["name"]
            for container in template["spec"]["containers"]:
                ports = {port["name"] for port in container.get("ports", [])}
                assert ("livenessProbe" in container) is (name not in WITHOUT_PROBES), name
                assert ("readinessProbe" in container) is (name not in WITHOUT_PROBES), name
                for probe in (container.get(f"{word}Probe", {}) for word in ("startup", "liveness", "readiness")):
                    for action in ("httpGet", "tcpSocket"):
                        assert action not in probe or probe[action]["port"] in ports

    def test_mounted_files_are_readable_by_the_user_alone(self, platform: Rendered) -> None:
        """Mode 0440 with the pod's fsGroup; mounted read-only."""
        seen = 0
        for _, template in platform.pods():
            spec = template["spec"]
            files = {
                volume["name"]: volume.get("configMap") or volume.get("secret")
                for volume in spec.get("volumes", [])
                if "configMap" in volume or "secret" in volume
            }
            for source in files.values():
                assert source["defaultMode"] == 0o440
                seen += 1
            for container in containers(template):
                for mount in container.get("volumeMounts", []):
                    assert mount["name"] not in files or mount["readOnly"] is True
        assert seen > 10

    def test_mounts_and_volumes_fit(self, platform: Rendered) -> None:
        """Every mount has its volume, every volume is used, no path twice."""
        for controller, template in platform.pods():
            claimed = {one["metadata"]["name"] for one in controller["spec"].get("volumeClaimTemplates", [])}
            volumes = {volume["name"] for volume in template["spec"].get("volumes", [])} | claimed
            used = set()
            for container in containers(template):
                paths = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
                assert len(set(paths)) == len(paths)
                used |= {mount["name"] for mount in container.get("volumeMounts", [])}
            assert used == volumes, controller["metadata"]["name"]

    def test_nodes(self, platform: Rendered) -> None:
        """Production's pool of nodes and its toleration; staging has one pool."""
        for _, template in platform.pods():
            spec = template["spec"]
            if platform.program.platform.environment == "production":
                assert spec["nodeSelector"] == {"workload-type": "general"}
                assert spec["tolerations"] == [
                    {"key": "dedicated", "operator": "Equal", "value": "general", "effect": "NoSchedule"}
                ]
            else:
                assert "nodeSelector" not in spec
                assert "tolerations" not in spec


class TestAccess:
    """Service accounts, tokens, pull secrets."""

    def test_accounts(self, platform: Rendered) -> None:
        """Each program has its own; a token is mounted only where rights are given, and never by the account."""
        accounts = platform.of_kind("ServiceAccount")
        assert all(account["automountServiceAccountToken"] is False for account in accounts.values())
        used = {}
        for controller, template in platform.pods():
            name = controller["metadata"]["name"]
            used[name] = template["spec"]["serviceAccountName"]
            assert template["spec"]["automountServiceAccountToken"] is (name in RIGHTS)
        assert used == {**{name: name for name in USERS}, "dev-sandbox": "sandbox"}
        assert {*used.values(), "ecr-registry-reader"} == set(accounts)

    def test_rights_belong_to_those_two(self, platform: Rendered) -> None:
        """Every binding is of one of the accounts that mount a token, or of the one that External Secrets reads as."""
        bindings = [*platform.of_kind("RoleBinding").values(), *platform.of_kind("ClusterRoleBinding").values()]
        subjects = {subject["name"] for binding in bindings for subject in binding["subjects"]}
        assert subjects == {"discord-bot", "sandbox", "ecr-registry-reader"}

    def test_pull_secrets(self, platform: Rendered) -> None:
        """Exactly where an image comes from the private registry."""
        for _, template in platform.pods():
            private = any(".dkr.ecr." in container["image"] for container in containers(template))
            assert template["spec"].get("imagePullSecrets", []) == ([{"name": "ecr-registry"}] if private else [])

    def test_images(self, platform: Rendered) -> None:
        """Each names its registry and a tag or digest."""
        for _, template in platform.pods():
            for container in containers(template):
                registry, _, rest = container["image"].partition("/")
                assert "." in registry, container["image"]
                assert ":" in rest, container["image"]


class TestLabels:
    """How objects are found."""

    def test_selectors_find_their_own_pods_alone(self, platform: Rendered) -> None:
        """Controllers, Services and budgets select by the name alone; every pod carries it."""
        for controller, template in platform.pods():
            name, labels = controller["metadata"]["name"], template["metadata"]["labels"]
            assert labels["app.kubernetes.io/name"] == labels["app"] == name
            if "selector" in controller["spec"]:
                assert controller["spec"]["selector"] == {"matchLabels": {"app.kubernetes.io/name": name}}
        for service in platform.of_kind("Service").values():
            assert set(service["spec"]["selector"]) == {"app.kubernetes.io/name"}
            assert service["spec"]["selector"]["app.kubernetes.io/name"] in USERS

    def test_standard_labels(self, platform: Rendered) -> None:
        """Everything says that platformc made it, and for whom."""
        for manifest in platform.manifests:
            labels = manifest.object["metadata"]["labels"]
            assert labels["app.kubernetes.io/managed-by"] == "platformc"
            if manifest.application in {"discord-bot", "stoat"}:
                assert labels["app.kubernetes.io/part-of"] == manifest.application
                assert {"app.kubernetes.io/name", "app.kubernetes.io/component", "app"} <= labels.keys()

    def test_namespaces(self, platform: Rendered) -> None:
        """Pod Security at its strictest, the mark for the pull secret where private images run, never deleted."""
        found = platform.of_kind("Namespace")
        assert set(found) == {"discord-bot", "registry"}
        for name, namespace in found.items():
            labels = namespace["metadata"]["labels"]
            assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
            assert ("pull-secret.platformc.dev/ecr-registry" in labels) is (name == "discord-bot")
            options = namespace["metadata"]["annotations"]["argocd.argoproj.io/sync-options"]
            assert options == "Prune=confirm,Delete=confirm"

    def test_everything_of_the_applications_is_in_one_namespace(self, platform: Rendered) -> None:
        """The bot and Stoat share the namespace discord-bot."""
        for manifest in platform.manifests:
            if manifest.application in {"discord-bot", "discord-bot-aws", "stoat"} and manifest.id.namespace:
                assert manifest.id.namespace == "discord-bot"


class TestRolling:
    """A pod carries a checksum of exactly what it reads at its start."""

    def test_checksums(self, platform: Rendered) -> None:
        """Of a Config where one is mounted, of revisions where a Secret is used, of a file where it is one."""
        for controller, template in platform.pods():
            name = controller["metadata"]["name"]
            notes = set(template["metadata"].get("annotations", {}))
            spec = template["spec"]
            expected = set()
            sources = {source for volume in spec.get("volumes", []) for source in volume}
            if "configMap" in sources:
                expected.add("platformc.dev/config-checksum")
            if "secret" in sources:
                expected |= {"platformc.dev/secret-revisions", "platformc.dev/secret-files-checksum"}
            if _sealed(platform, template):
                expected.add("platformc.dev/secret-revisions")
            if name in RESTARTS:
                expected.add("platformc.dev/restart-checksum")
            assert notes == expected, name

    def test_revisions_are_of_the_keys_that_are_used(self, platform: Rendered) -> None:
        """One entry for each variable; the overrides file uses all but the public half of the push key."""
        for controller, template in platform.pods():
            entries = template["metadata"].get("annotations", {}).get("platformc.dev/secret-revisions", "")
            found = {entry.partition("=")[0] for entry in entries.split(",") if entry}
            expected = {f"{secret}.{key}" for secret, key in _sealed(platform, template)}
            if any("secret" in volume for volume in template["spec"].get("volumes", [])):
                keys = set(platform.one("SealedSecret", "stoat-secrets")["spec"]["encryptedData"])
                expected |= {f"stoat-secrets.{key}" for key in keys - {"STOAT_VAPID_PUBLIC_KEY"}}
            assert found == expected, controller["metadata"]["name"]

    def test_variables_stand_in_order(self, platform: Rendered) -> None:
        """Kubernetes expands `$(NAME)` only where NAME stands before."""
        seen = 0
        for _, template in platform.pods():
            for container in containers(template):
                known: set[str] = set()
                for variable in container.get("env", []):
                    for text in str(variable.get("value", "")).split("$(")[1:]:
                        assert text.partition(")")[0] in known, variable
                        seen += 1
                    assert variable["name"] not in known
                    known.add(variable["name"])
        assert seen >= 3


def _sealed(platform: Rendered, template: dict[str, Any]) -> set[tuple[str, str]]:
    """The keys of SealedSecrets that a pod's variables read."""
    secrets = platform.of_kind("SealedSecret")
    return {
        found
        for container in containers(template)
        for found in environment_of(container).values()
        if isinstance(found, tuple) and found[0] in secrets
    }
