"""The programs of the platform, as their operators asked for them, read from the rendered objects."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from rendered_platform import ENVIRONMENTS, Rendered, containers, environment_of, rendered

RELEASE = "20250930-2"
MINIO = "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z"
LIBRARY = "public.ecr.aws/docker/library"
REGISTRY = "123456789012.dkr.ecr.ca-central-1.amazonaws.com"
IMAGES = {
    "discord-bot": f"{REGISTRY}/discord-bot:1.4.2",
    "dev-sandbox": f"{REGISTRY}/dev-sandbox:1.2.0",
    "redis": f"{LIBRARY}/redis:7.4",
    "stoat-api": f"ghcr.io/revoltchat/server:{RELEASE}",
    "stoat-events": f"ghcr.io/revoltchat/bonfire:{RELEASE}",
    "stoat-web": "ghcr.io/revoltchat/client:master",
    "stoat-autumn": f"ghcr.io/revoltchat/autumn:{RELEASE}",
    "stoat-january": f"ghcr.io/revoltchat/january:{RELEASE}",
    "stoat-gifbox": f"ghcr.io/revoltchat/gifbox:{RELEASE}",
    "stoat-crond": f"ghcr.io/revoltchat/crond:{RELEASE}",
    "stoat-pushd": f"ghcr.io/revoltchat/pushd:{RELEASE}",
    "stoat-caddy": f"{LIBRARY}/caddy:2.10",
    "stoat-mongodb": f"{LIBRARY}/mongo:7.0",
    "stoat-rabbitmq": f"{LIBRARY}/rabbitmq:4.1-management",
    "stoat-minio": MINIO,
    "stoat-minio-create-buckets": MINIO,
}
SERVICES = {
    "discord-bot": {3000: 3000},
    "filesystem-service": {8777: 8777},
    "shell-service": {8779: 8779},
    "redis": {6379: 6379},
    "redis-headless": {6379: 6379},
    "stoat-api": {3000: 14702},
    "stoat-events": {3000: 14703},
    "stoat-autumn": {3000: 14704},
    "stoat-january": {3000: 14705},
    "stoat-gifbox": {3000: 14706},
    "stoat-web": {5000: 5000},
    "stoat-mongodb": {27017: 27017},
    "stoat-rabbitmq": {5672: 5672, 15672: 15672},
    "stoat-minio": {9000: 9000, 9001: 9001},
    "stoat-caddy": {80: 8080, 443: 8443},
}
"""A Service's ports, and those that the programs behind them really listen on."""
RECREATED = {
    "discord-bot",
    "dev-sandbox",
    "stoat-events",
    "stoat-crond",
    "stoat-mongodb",
    "stoat-rabbitmq",
    "stoat-minio",
    "stoat-caddy",
}
"""One writer of a volume, or one that may not run twice."""
VOLUMES = {
    "production": {
        "dev-sandbox-workspaces": "20Gi",
        "stoat-mongodb-data": "10Gi",
        "stoat-rabbitmq-data": "2Gi",
        "stoat-minio-data": "20Gi",
        "stoat-caddy-data": "1Gi",
    },
    "staging": {
        "dev-sandbox-workspaces": "5Gi",
        "stoat-mongodb-data": "2Gi",
        "stoat-rabbitmq-data": "2Gi",
        "stoat-minio-data": "5Gi",
        "stoat-caddy-data": "1Gi",
    },
}
CLASSES = {"production": "do-block-storage-retain", "staging": "do-block-storage"}
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate", "*")


@pytest.fixture(params=ENVIRONMENTS)
def platform(request: pytest.FixtureRequest) -> Rendered:
    """Each environment."""
    return rendered(request.param)


def environment(platform: Rendered) -> str:
    """Its name."""
    return platform.program.platform.environment


def main(platform: Rendered, name: str) -> dict[str, Any]:
    """The only container of a program."""
    (found,) = [template for controller, template in platform.pods() if controller["metadata"]["name"] == name]
    (container,) = found["spec"]["containers"]
    return dict(container)


def test_images(platform: Rendered) -> None:
    """Each program's image, and that of those that wait."""
    found: dict[str, set[str]] = {}
    waiting = set()
    for controller, template in platform.pods():
        found[controller["metadata"]["name"]] = {one["image"] for one in template["spec"]["containers"]}
        waiting |= {one["image"] for one in template["spec"].get("initContainers", [])}
    assert found == {name: {image} for name, image in IMAGES.items()}
    assert waiting == {f"{LIBRARY}/busybox:1.37"}


def test_service_ports(platform: Rendered) -> None:
    """The old interface stays, in front of the ports that the programs listen on."""
    numbers = {
        controller["metadata"]["name"]: {
            port["name"]: port["containerPort"]
            for container in template["spec"]["containers"]
            for port in container.get("ports", [])
        }
        for controller, template in platform.pods()
    }
    found = {}
    for name, service in platform.of_kind("Service").items():
        behind = numbers[service["spec"]["selector"]["app.kubernetes.io/name"]]
        found[name] = {port["port"]: behind[port["targetPort"]] for port in service["spec"]["ports"]}
    assert found == SERVICES


def test_what_is_public(platform: Rendered) -> None:
    """One load balancer in production, with the callers' addresses; none in staging."""
    types = {name: service["spec"].get("type") for name, service in platform.of_kind("Service").items()}
    caddy = platform.one("Service", "stoat-caddy")
    if environment(platform) == "production":
        assert types == {**dict.fromkeys(SERVICES, "ClusterIP"), "stoat-caddy": "LoadBalancer"}
        assert caddy["spec"]["externalTrafficPolicy"] == "Local"
        notes = caddy["metadata"]["annotations"]
        assert notes["service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol"] == "true"
    else:
        assert set(types.values()) == {"ClusterIP"}
        assert "externalTrafficPolicy" not in caddy["spec"]
        assert not [note for note in caddy["metadata"].get("annotations", {}) if "loadbalancer" in note]
    assert platform.one("Service", "redis-headless")["spec"]["clusterIP"] == "None"


def test_one_of_each(platform: Rendered) -> None:
    """One replica; the old pod goes first where two would harm; no budget that would block a drain."""
    for controller, _ in platform.pods():
        if controller["kind"] == "Job":
            continue
        assert controller["spec"]["replicas"] == 1
        if controller["kind"] == "Deployment":
            name = controller["metadata"]["name"]
            assert controller["spec"]["strategy"]["type"] == ("Recreate" if name in RECREATED else "RollingUpdate")
    assert {name for name, one in platform.of_kind("StatefulSet").items()} == {"redis"}
    assert platform.of_kind("PodDisruptionBudget") == {}


def test_volumes(platform: Rendered) -> None:
    """Sizes and classes; claims are never pruned, and stand in the wave of the pod that uses them."""
    found = platform.of_kind("PersistentVolumeClaim")
    sizes = {name: claim["spec"]["resources"]["requests"]["storage"] for name, claim in found.items()}
    assert sizes == VOLUMES[environment(platform)]
    for name, claim in found.items():
        assert claim["spec"]["storageClassName"] == CLASSES[environment(platform)]
        assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
        notes = claim["metadata"]["annotations"]
        assert notes["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=confirm"
        workload = platform.one("Deployment", name.rpartition("-")[0])
        wave = workload["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave")
        assert notes.get("argocd.argoproj.io/sync-wave") == wave


class TestBot:
    """The Discord bot."""

    def test_container(self, platform: Rendered) -> None:
        """Amounts, port, probes."""
        bot = main(platform, "discord-bot")
        assert bot["resources"] == {
            "requests": {"cpu": "100m", "memory": "256Mi"},
            "limits": {"cpu": "500m", "memory": "512Mi"},
        }
        assert bot["ports"] == [{"name": "http", "containerPort": 3000, "protocol": "TCP"}]
        for word, path in (("liveness", "/health"), ("readiness", "/ready")):
            assert bot[f"{word}Probe"]["httpGet"] == {"path": path, "port": "http", "scheme": "HTTP"}

    def test_variables(self, platform: Rendered) -> None:
        """Exactly these, with the names that its tables and queues have in AWS."""
        production = environment(platform) == "production"
        prefix = "" if production else "staging-"
        queues = f"https://sqs.ca-central-1.amazonaws.com/123456789012/{prefix}"
        assert environment_of(main(platform, "discord-bot")) == {
            "DISCORD_TOKEN": ("discord-bot-secrets", "DISCORD_TOKEN"),
            "LITELLM_API_KEY": ("discord-bot-secrets", "LITELLM_API_KEY"),
            "AWS_ACCESS_KEY_ID": ("discord-bot-aws", "AWS_ACCESS_KEY_ID"),
            "AWS_SECRET_ACCESS_KEY": ("discord-bot-aws", "AWS_SECRET_ACCESS_KEY"),
            "AWS_REGION": "ca-central-1",
            "DISCORD_BOT_ID": "1331474398296727582" if production else "1331474398296727583",
            "DISCORD_GUILD_ID": "1007381699346301038" if production else "1007381699346301039",
            "BOT_USERNAME": "discord-bot" if production else "discord-bot-staging",
            "OTHER_BOT_USERNAME": "discord-helper" if production else "discord-helper-staging",
            "LITELLM_BASE_URL": "http://litellm.ai-platform.svc.cluster.local:4000",
            "DYNAMODB_SESSIONS_TABLE": f"{prefix}discord_sessions",
            "DYNAMODB_EXECUTIONS_TABLE": f"{prefix}discord_executions",
            "DYNAMODB_MESSAGES_TABLE": f"{prefix}discord-messages",
            "DYNAMODB_CHAT_HISTORY_TABLE": f"{prefix}chat_history",
            "AGENTIC_EVENTS_QUEUE_URL": f"{queues}agentic-events",
            "DISCORD_MESSAGES_QUEUE_URL": f"{queues}discord-messages",
            "S3_ARTIFACT_BUCKET": "discord-bot-artifacts" if production else "discord-bot-artifacts-staging",
            "STALENESS_MINUTES": "30",
            "PORT": "3000",
            "REDIS_PASSWORD": ("redis", "password"),
            "REDIS_URL": "redis://:$(REDIS_PASSWORD)@redis:6379/0",
        }

    def test_rights(self, platform: Rendered) -> None:
        """Get, list and create pods and what runs in them, read their logs, in its namespace; nothing else."""
        role = platform.one("Role", "discord-bot-pod-exec")
        binding = platform.one("RoleBinding", "discord-bot-pod-exec")
        assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "discord-bot"
        assert binding["roleRef"]["name"] == "discord-bot-pod-exec"
        assert granted(role) == {
            *(("", resource, verb) for resource in ("pods", "pods/exec") for verb in ("get", "list", "create")),
            ("", "pods/log", "get"),
        }
        assert set(platform.of_kind("Role")) == {"discord-bot-pod-exec", "ecr-registry-reader"}


class TestSandbox:
    """Where agents work."""

    def test_containers(self, platform: Rendered) -> None:
        """Two tool servers over one workspace."""
        (found,) = [template for one, template in platform.pods() if one["metadata"]["name"] == "dev-sandbox"]
        ports = {}
        for container in containers(found):
            ports[container["name"]] = [port["containerPort"] for port in container["ports"]]
            assert container["resources"]["requests"]["memory"] == "512Mi"
            assert container["resources"]["limits"]["memory"] == "1Gi"
            assert container["volumeMounts"] == [{"name": "workspaces", "mountPath": "/workspaces"}]
        assert ports == {"mcp-filesystem": [8777], "mcp-shell": [8779]}

    def test_rights(self, platform: Rendered) -> None:
        """Reading across the cluster, resource by resource; no Secrets, no shells, no wildcards."""
        role = platform.one("ClusterRole", "sandbox-reader")
        binding = platform.one("ClusterRoleBinding", "sandbox-reader-binding")
        assert binding["roleRef"] == {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "sandbox-reader",
        }
        assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "sandbox", "namespace": "discord-bot"}]
        found = granted(role)
        assert {verb for _, _, verb in found} == {"get", "list", "watch"}
        assert {("", "pods", "list"), ("apps", "deployments", "get"), ("", "pods/log", "get")} <= found
        assert ("", "pods/exec", "get") not in found  # a WebSocket's GET would run commands
        assert set(platform.of_kind("ClusterRole")) == {"sandbox-reader"}

    def test_nobody_reads_secrets(self, platform: Rendered) -> None:
        """No role of a workload says Secrets, or `*`; what copies the pull secret can get that one alone."""
        roles = {**platform.of_kind("Role"), **platform.of_kind("ClusterRole")}
        assert roles.pop("ecr-registry-reader")["rules"] == [
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["ecr-registry"], "verbs": ["get"]}
        ]
        for role in roles.values():
            for group, resource, verb in granted(role):
                assert resource.partition("/")[0] != "secrets"
                assert "*" not in (group, resource, verb)
                assert group != "bitnami.com"
            assert not any("nonResourceURLs" in rule for rule in role["rules"])


def granted(role: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Every group, resource and verb of a role."""
    found = {
        one for rule in role["rules"] for one in itertools.product(rule["apiGroups"], rule["resources"], rule["verbs"])
    }
    assert {verb for _, _, verb in found} <= set(VERBS)
    return found


class TestRedis:
    """One Redis for both."""

    def test_it_keeps_its_data_and_asks_for_a_password(self, platform: Rendered) -> None:
        """The password is a variable that becomes part of redis.conf; it never is an argument."""
        redis = platform.one("StatefulSet", "redis")
        (claim,) = redis["spec"]["volumeClaimTemplates"]
        assert claim["spec"]["resources"]["requests"]["storage"] == "1Gi"
        assert claim["spec"]["storageClassName"] == CLASSES[environment(platform)]
        assert redis["spec"]["serviceName"] == "redis-headless"
        container = main(platform, "redis")
        assert environment_of(container) == {"REDISCLI_AUTH": ("redis", "password")}
        assert "requirepass $REDISCLI_AUTH" in container["args"][0]
        assert "--requirepass" not in container["args"][0]
        assert container["volumeMounts"] == [{"name": "data", "mountPath": "/data", "subPath": "redis"}]


class TestStores:
    """Stoat's databases and object storage."""

    def test_memory_of_mongodb(self, platform: Rendered) -> None:
        """Smaller in staging."""
        amounts = main(platform, "stoat-mongodb")["resources"]
        production = environment(platform) == "production"
        assert amounts["requests"]["memory"] == ("512Mi" if production else "256Mi")
        assert amounts["limits"]["memory"] == ("2Gi" if production else "1Gi")

    def test_credentials_come_from_the_secret(self, platform: Rendered) -> None:
        """Every variable with a credential is a key of stoat-secrets."""
        for name, keys in {
            "stoat-mongodb": {"MONGO_INITDB_ROOT_USERNAME", "MONGO_INITDB_ROOT_PASSWORD"},
            "stoat-rabbitmq": {"RABBITMQ_DEFAULT_USER", "RABBITMQ_DEFAULT_PASS"},
            "stoat-minio": {"MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"},
        }.items():
            found = environment_of(main(platform, name))
            assert {key: found[key] for key in keys} == {key: ("stoat-secrets", key) for key in keys}

    def test_rabbitmq_keeps_its_name(self, platform: Rendered) -> None:
        """It is part of its data folder's name; the cookie's folder is not on the volume."""
        template = platform.one("Deployment", "stoat-rabbitmq")["spec"]["template"]["spec"]
        assert template["hostname"] == "stoat-rabbitmq"
        (container,) = template["containers"]
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/var/lib/rabbitmq/mnesia"]

    def test_the_bucket_job(self, platform: Rendered) -> None:
        """Makes the bucket that Stoat uses, after MinIO answers, and fails where it cannot."""
        job = platform.one("Job", "stoat-minio-create-buckets")
        container = main(platform, "stoat-minio-create-buckets")
        assert container["command"] == ["mc", "mb", "--ignore-existing", "stoat/revolt-uploads"]
        variables = environment_of(container)
        assert variables["MC_HOST_stoat"] == "http://$(MINIO_ROOT_USER):$(MINIO_ROOT_PASSWORD)@stoat-minio:9000"
        notes = job["metadata"]["annotations"]
        assert notes["argocd.argoproj.io/hook"] == "Sync"
        assert notes["argocd.argoproj.io/hook-delete-policy"] == "BeforeHookCreation"
        assert "ttlSecondsAfterFinished" not in job["spec"]
        (wait,) = job["spec"]["template"]["spec"]["initContainers"]
        assert wait["command"][-2:] == ["stoat-minio", "9000"]
        account = platform.one("ServiceAccount", "stoat-minio-create-buckets")
        assert len(account["metadata"]["annotations"]["platformc.dev/job-checksum"]) == 16

    def test_no_secret_is_an_argument(self, platform: Rendered) -> None:
        """Kubernetes would put `$(NAME)` into the process list."""
        for _, template in platform.pods():
            for container in containers(template):
                secret = {name for name, found in environment_of(container).items() if isinstance(found, tuple)}
                words = " ".join([*container.get("command", []), *container.get("args", [])])
                assert not [name for name in secret if f"$({name})" in words]


class TestOrder:
    """What starts before what, on the first sync."""

    def test_waves(self, platform: Rendered) -> None:
        """Stores, then the bucket job and stoat-api, alone on a fresh database; then the others, then Caddy."""
        found = {}
        for controller, _ in platform.pods():
            notes = controller["metadata"].get("annotations", {})
            found[controller["metadata"]["name"]] = int(notes.get("argocd.argoproj.io/sync-wave", 0))
        assert found == {
            **dict.fromkeys(("discord-bot", "dev-sandbox", "redis"), 0),
            **dict.fromkeys(("stoat-mongodb", "stoat-rabbitmq", "stoat-minio"), 0),
            **dict.fromkeys(("stoat-api", "stoat-minio-create-buckets"), 1),
            **dict.fromkeys(
                (f"stoat-{name}" for name in ("events", "autumn", "january", "gifbox", "crond", "pushd", "web")), 2
            ),
            "stoat-caddy": 3,
        }

    def test_access_and_secrets_come_first(self, platform: Rendered) -> None:
        """Before the first pod: accounts, rights, policies and configuration, then Secrets."""
        waves = {
            **dict.fromkeys(("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), "-3"),
            **dict.fromkeys(("NetworkPolicy", "ConfigMap"), "-3"),
            "SealedSecret": "-2",
        }
        for manifest in platform.manifests:
            if manifest.application in {"discord-bot", "stoat"} and manifest.id.kind in waves:
                assert (
                    manifest.object["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"]
                    == waves[manifest.id.kind]
                )

    def test_who_waits_for_whom(self, platform: Rendered) -> None:
        """A wait leads to a Service's port that exists."""
        found: dict[str, set[str]] = {}
        for controller, template in platform.pods():
            for wait in template["spec"].get("initContainers", []):
                host, port = wait["command"][-2:]
                assert int(port) in SERVICES[host]
                found.setdefault(controller["metadata"]["name"], set()).add(host)
        mongodb, rabbitmq, redis, minio = "stoat-mongodb", "stoat-rabbitmq", "redis", "stoat-minio"
        assert found == {
            "stoat-api": {mongodb, rabbitmq, redis},
            "stoat-events": {mongodb, redis},
            "stoat-autumn": {mongodb, minio},
            "stoat-gifbox": {mongodb},
            "stoat-crond": {mongodb, minio},
            "stoat-pushd": {mongodb, redis, rabbitmq},
            "stoat-minio-create-buckets": {minio},
        }
