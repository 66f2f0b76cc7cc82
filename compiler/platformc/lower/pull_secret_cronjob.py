"""pull_secret_cronjob: a pull secret without an operator: a CronJob gets a token from ECR, and writes the Secrets.

In      the graph, one PullSecretPlan.
Out     a script in a ConfigMap, the CronJob, a Job that runs it at once, and exactly the rights that it needs.
Never   lets it read a Secret, or change another one than the pull secret: apply is one verb for one name.

The kubelet passes the key to the pod as variables; the account needs no right for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Any

from platformc.language.models.container import SecurityContext
from platformc.language.models.types import seconds
from platformc.language.origin import derive
from platformc.link import Program, PullSecretPlan, aws_names, internet, kubernetes_api
from platformc.lower.container import container_security
from platformc.lower.job import HOOK
from platformc.lower.metadata import NAME_LABEL, WAVE, WAVE_OF_ACCESS, without_nothing
from platformc.lower.network_policies import addresses, dns_rule
from platformc.lower.pod import toleration
from platformc.lower.pull_secret_access import account, rights
from platformc.lower.pull_secret_metadata import (
    COMPONENT_LABEL,
    key_secret,
    pull_secret_labels,
    pull_secret_metadata,
)

PROGRAM = "renew_pull_secret.py"
FOLDER = "/program"
NOBODY = 65534
RESOURCES = {"requests": {"cpu": "10m", "memory": "48Mi"}, "limits": {"memory": "96Mi"}}
HTTPS = 443
MINUTE, HOUR = 60, 3600
STARTS_WITHIN = 600
"""Seconds. Without a limit, Kubernetes stops forever after 100 missed starts (CronJob, "Schedule limits")."""
ENDS_WITHIN = 300


def lower_cronjob(program: Program, plan: PullSecretPlan) -> Iterator[dict[str, Any]]:
    """All objects, in the source namespace, and a role in each namespace that gets the secret."""
    yield account(program, plan, _renewal(plan))
    for namespace in plan.namespaces:
        # Server-side apply needs `create` with the object's name, so that is limited to it, too.
        yield from rights(program, plan, _renewal(plan), ["create", "patch"], namespace.name)
    yield _config_map(program, plan)
    source = program.namespaces.get(plan.settings.source_namespace)
    if source is not None and source.isolated:
        yield _network_policy(program, plan)
    yield _cron_job(program, plan)
    yield _first_run(program, plan)


def _renewal(plan: PullSecretPlan) -> str:
    """The name of everything that renews the secret."""
    return derive(f"{plan.name}-renewal", plan.name)


def _config_map(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    written = resources.files(__package__ or "").joinpath(PROGRAM).read_text(encoding="utf-8")
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": pull_secret_metadata(program, plan, _renewal(plan), wave=WAVE_OF_ACCESS),
        "data": {PROGRAM: written},
    }


def _network_policy(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """DNS, ECR and the Kubernetes API; nobody can connect to it."""
    labels = pull_secret_labels(program, plan)
    outside = [internet(program.platform, (HTTPS,), private=False), kubernetes_api(program.platform)]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": pull_secret_metadata(program, plan, _renewal(plan), wave=WAVE_OF_ACCESS),
        "spec": {
            "podSelector": {"matchLabels": {key: labels[key] for key in (NAME_LABEL, COMPONENT_LABEL)}},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [dns_rule(program), *(addresses(one) for one in outside)],
        },
    }


def schedule(refresh_interval: str) -> str:
    """The cron expression for an interval; the language allows only what cron can express.

    >>> schedule("30m"), schedule("1h"), schedule("6h")
    ('*/30 * * * *', '0 * * * *', '0 */6 * * *')
    """
    refresh = seconds(refresh_interval)
    if refresh < HOUR:
        return derive(f"*/{refresh // MINUTE} * * * *", refresh_interval)
    hours = refresh // HOUR
    return derive("0 * * * *" if hours == 1 else f"0 */{hours} * * *", refresh_interval)


def _cron_job(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": pull_secret_metadata(program, plan, _renewal(plan)),
        "spec": {
            "schedule": schedule(plan.settings.refresh_interval),
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": STARTS_WITHIN,
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 3,
                    "activeDeadlineSeconds": ENDS_WITHIN,
                    "template": _pod_template(program, plan),
                }
            },
        },
    }


def _first_run(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """At once, and with every sync. It has no deadline: at first it waits until AWS has created the identity's key."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": pull_secret_metadata(program, plan, _renewal(plan), annotations={**HOOK, WAVE: "1"}),
        "spec": {"backoffLimit": 6, "template": _pod_template(program, plan)},
    }


def _pod_template(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    defaults = program.platform.settings.defaults
    context = SecurityContext()
    return {
        "metadata": {"labels": pull_secret_labels(program, plan)},
        "spec": without_nothing(
            {
                "serviceAccountName": _renewal(plan),
                "automountServiceAccountToken": True,
                "enableServiceLinks": False,
                "restartPolicy": "Never",  # each try keeps its log
                "nodeSelector": dict(defaults.node_selector),
                "tolerations": [toleration(one) for one in defaults.tolerations],
                "securityContext": {
                    "runAsNonRoot": True,
                    "runAsUser": NOBODY,
                    "runAsGroup": NOBODY,
                    "fsGroup": NOBODY,
                    "seccompProfile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    without_nothing(
                        {
                            "name": "renewal",
                            "image": plan.settings.image,
                            "imagePullPolicy": defaults.image_pull_policy,
                            # Isolated: it runs only this file and Python's own library.
                            "command": ["python3", "-I", "-B", f"{FOLDER}/{PROGRAM}"],
                            "env": _variables(program, plan),
                            "resources": {part: dict(amounts) for part, amounts in RESOURCES.items()},
                            "volumeMounts": [{"name": "program", "mountPath": FOLDER, "readOnly": True}],
                            "securityContext": container_security(context),
                        }
                    )
                ],
                "volumes": [{"name": "program", "configMap": {"name": _renewal(plan), "defaultMode": 0o440}}],
            }
        ),
    }


def _variables(program: Program, plan: PullSecretPlan) -> list[dict[str, Any]]:
    platform = program.platform
    region = aws_names.account(platform).region
    secret = key_secret(plan)
    names = [namespace.name for namespace in plan.namespaces]
    keys = [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    ]
    return [
        *keys,
        {"name": "AWS_REGION", "value": region},
        {"name": "ECR_URL", "value": derive(f"https://api.ecr.{region}.{aws_names.domain(region)}", region)},
        {"name": "REGISTRY", "value": aws_names.registry(platform)},
        {"name": "KUBERNETES_URL", "value": "https://kubernetes.default.svc"},
        {"name": "PULL_SECRET", "value": plan.name},
        {"name": "NAMESPACES", "value": derive(" ".join(names), *names)},
    ]
