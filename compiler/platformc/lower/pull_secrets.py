"""Pass: the Platform's pull secrets, in an Application of their own; here with External Secrets.

In      the graph's PullSecretPlans.
Out     with External Secrets, a token in the one namespace that has the key, and its copy in each namespace with
        the label for it; with a CronJob, what pull_secret_cronjob makes.
Never   copies a key out of its namespace, or lets anyone read another Secret than the one that is copied.

Source: External Secrets, "ECR" and "ClusterExternalSecret" (the fan-out): a generator reads its key in the namespace
of the ExternalSecret, so without the copy every namespace would need the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.language.origin import derive, derive_below
from platformc.link import Program, PullSecretPlan, aws_names
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import SYNC_OPTIONS, WAVE, WITHOUT_DRY_RUN, without_nothing
from platformc.lower.namespaces import pull_secret_label
from platformc.lower.pull_secret_access import account, rights
from platformc.lower.pull_secret_cronjob import lower_cronjob
from platformc.lower.pull_secret_metadata import APPLICATION, key_secret, pull_secret_metadata

STORE_API = "external-secrets.io/v1"
GENERATOR_API = "generators.external-secrets.io/v1alpha1"
TYPE = "kubernetes.io/dockerconfigjson"
KEY = ".dockerconfigjson"
LOGIN = (
    '{"auths":{"REGISTRY":{"username":"{{ .username }}","password":"{{ .password }}",'
    '"auth":"{{ printf "%s:%s" .username .password | b64enc }}"}}}'
)
"""A template of External Secrets; the generator provides `username` and `password`."""
OPTIONS = {SYNC_OPTIONS: WITHOUT_DRY_RUN}


def lower_pull_secrets(program: Program) -> Iterator[Manifest]:
    """The objects of all pull secrets."""
    for plan in program.pull_secrets:
        made = lower_cronjob(program, plan) if plan.settings.provider == "cronjob" else _external_secrets(program, plan)
        for one in made:
            yield Manifest(derive_below(one, plan.settings.provider), program.platform.platform.id, APPLICATION)


def _external_secrets(program: Program, plan: PullSecretPlan) -> Iterator[dict[str, Any]]:
    # External Secrets reads the source with an account that can get one Secret, and list none.
    yield account(program, plan, _reader_name(plan))
    yield from rights(program, plan, _reader_name(plan), ["get"])
    yield _generator(program, plan)
    yield _source(program, plan)
    yield _store(program, plan)
    yield _copies(program, plan)


def _reader_name(plan: PullSecretPlan) -> str:
    return derive(f"{plan.name}-reader", plan.name)


def _cluster_name(plan: PullSecretPlan) -> str:
    """The name of a cluster-scoped object: two environments on one cluster have source namespaces of their own."""
    source = plan.settings.source_namespace
    return derive(f"{source}-{plan.name}", source, plan.name)


def _generator(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """Where tokens come from: the identity's key, in its own namespace."""
    secret = key_secret(plan)
    return {
        "apiVersion": GENERATOR_API,
        "kind": "ECRAuthorizationToken",
        "metadata": pull_secret_metadata(program, plan, plan.name, annotations=OPTIONS),
        "spec": {
            "region": aws_names.account(program.platform).region,
            "auth": {
                "secretRef": {
                    "accessKeyIDSecretRef": {"name": secret, "key": "AWS_ACCESS_KEY_ID"},
                    "secretAccessKeySecretRef": {"name": secret, "key": "AWS_SECRET_ACCESS_KEY"},
                }
            },
        },
    }


def _source(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """The first Secret, which the others are copies of."""
    registry = aws_names.registry(program.platform)
    generator = {"apiVersion": GENERATOR_API, "kind": "ECRAuthorizationToken", "name": plan.name}
    return {
        "apiVersion": STORE_API,
        "kind": "ExternalSecret",
        "metadata": pull_secret_metadata(program, plan, plan.name, annotations=OPTIONS),
        "spec": {
            "refreshInterval": plan.settings.refresh_interval,
            "target": {
                "name": plan.name,
                "template": {
                    "type": TYPE,
                    "data": {KEY: derive(LOGIN.replace("REGISTRY", registry), registry)},
                },
            },
            "dataFrom": [{"sourceRef": {"generatorRef": generator}}],
        },
    }


def _store(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """The source namespace as a store, only for the labelled namespaces."""
    source = plan.settings.source_namespace
    return {
        "apiVersion": STORE_API,
        "kind": "ClusterSecretStore",
        "metadata": pull_secret_metadata(program, plan, _cluster_name(plan), namespace=None, annotations=OPTIONS),
        "spec": {
            "conditions": [{"namespaceSelector": {"matchLabels": pull_secret_label(plan)}}],
            "provider": {
                "kubernetes": {
                    "remoteNamespace": source,
                    "server": {
                        "caProvider": {
                            "type": "ConfigMap",
                            "name": "kube-root-ca.crt",  # Kubernetes creates it in every namespace
                            "namespace": source,
                            "key": "ca.crt",
                        }
                    },
                    "auth": {"serviceAccount": {"name": _reader_name(plan), "namespace": source}},
                }
            },
        },
    }


def _copies(program: Program, plan: PullSecretPlan) -> dict[str, Any]:
    """An ExternalSecret for each labelled namespace except the source, which already has the Secret."""
    source = plan.settings.source_namespace
    elsewhere = {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [source]}
    return {
        "apiVersion": STORE_API,
        "kind": "ClusterExternalSecret",
        "metadata": pull_secret_metadata(
            program, plan, _cluster_name(plan), namespace=None, annotations={**OPTIONS, WAVE: "1"}
        ),
        "spec": without_nothing(
            {
                "externalSecretName": plan.name,
                "namespaceSelectors": [{"matchLabels": pull_secret_label(plan), "matchExpressions": [elsewhere]}],
                "refreshTime": "1m",  # how soon a new namespace is seen
                "externalSecretSpec": {
                    "refreshInterval": plan.settings.refresh_interval,
                    "secretStoreRef": {"kind": "ClusterSecretStore", "name": _cluster_name(plan)},
                    "target": {
                        "name": plan.name,
                        # Not owned: pods can pull while the ExternalSecret is recreated, and a token expires by itself.
                        "creationPolicy": "Orphan",
                        "template": {"type": TYPE},
                    },
                    "data": [{"secretKey": KEY, "remoteRef": {"key": plan.name, "property": KEY}}],
                },
            }
        ),
    }
