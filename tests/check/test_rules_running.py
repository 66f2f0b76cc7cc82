"""Rules about placing, watching, updating and moving pods, and about images."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_case import Case, assert_clean, assert_found_once
from small_platform import DIGEST, FILES, HERE, document, job, line, pod, raw, workload

DATA = "[{name: data, mountPath: /data, persistentVolumeClaim: {size: 1Gi}}]"
SHARED = "[{name: data, mountPath: /data, persistentVolumeClaim: {size: 1Gi, accessModes: [ReadWriteMany]}}]"
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/app"
NAME_LABEL = "app.kubernetes.io/name"
DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: tool}
    spec:
      selector: {matchLabels: {role: tool}}
      template:
        metadata:
          labels: LABELS
        spec: {automountServiceAccountToken: false}
    """


def deployment(labels: str) -> str:
    """A RawManifest with a Deployment without containers; its pods have these labels."""
    return raw(DEPLOYMENT.replace("LABELS", labels))


CASES = (
    Case(
        "image-name-malformed",
        (workload(image=f"ghcr.io/Example/bot:1.4.2{DIGEST}  {HERE}"),),
        (workload(image=f"ghcr.io/example/bot:1.4.2{DIGEST}"),),
        at=f"ghcr.io/Example/bot:1.4.2{DIGEST}",
    ),
    Case(
        "image-name-malformed",
        (workload(image=f'"ghcr.io/example/bot:1.4.2@sha256:0f"  {HERE}'),),
        (workload(image=f"Registry/example/bot_2__a--b:V1.4_2{DIGEST}"),),
        name="digest",
    ),
    Case(
        "image-name-malformed",
        (pod({"image": f'"example/bot: 1.4.2"  {HERE}'}),),
        (pod({"image": f'"[fd00::1]:5000/bot{DIGEST}"'}),),
        name="space",
    ),
    Case(
        "image-tag-mutable",
        (workload(image=f"ghcr.io/example/bot:latest  {HERE}"),),
        (workload(),),
        at="ghcr.io/example/bot:latest",
    ),
    Case(
        "image-tag-mutable",
        (workload(image=f"registry.example.com:5000/bot  {HERE}"),),
        (workload(image=f"registry.example.com:5000/bot{DIGEST}"),),
        name="no-tag",
    ),
    Case(
        "image-digest-missing",
        (workload(image=f"ghcr.io/example/bot:1.4.2  {HERE}"),),
        (workload(),),
        at="ghcr.io/example/bot:1.4.2",
    ),
    Case(
        "pull-secret-missing",
        (pod({"image": f"{ECR}:1.0.0{DIGEST}  {HERE}"}),),
        (pod({"image": f"{ECR}:1.0.0{DIGEST}"}, imagePullSecrets="[{name: ecr}]"),),
        at=f"{ECR}:1.0.0{DIGEST}",
        name="raw",
    ),
    Case(
        "pull-secret-missing",
        (workload(image=f'"${{repository.app.url}}:1.0.0{DIGEST}"  {HERE}'),),
        (workload(image=f'"${{repository.app.url}}:1.0.0{DIGEST}"'),),
        files={"app/application.yaml": FILES["app/application.yaml"].replace(", imagePullSecrets: [ecr]", "")},
    ),
    Case(
        "memory-limit-missing",
        (workload(resources=f"{{requests: {{cpu: 100m, memory: 64Mi}}}}  {HERE}"),),
        (workload(resources="{cpu: 100m, memory: 64Mi..128Mi}"),),
    ),
    Case(
        "resource-request-missing",
        (workload(resources=f"{{memory: 64Mi}}  {HERE}"),),
        (workload(resources="{limits: {cpu: 1, memory: 64Mi}}"),),
    ),
    Case(
        "probe-missing",
        (workload(probes="{readiness: /ready}").replace("{name: bot}", f"{{name: bot}}  {HERE}"),),
        (workload(probes="none"),),
        at="bot",
    ),
    Case(
        "probe-missing",
        (workload(probes=None).replace("{name: bot}", f"{{name: bot}}  {HERE}"), job()),
        (workload(probes="{readiness: /ready, liveness: none}"),),
        name="both",
    ),
    Case(
        "liveness-kills-slow-start",
        (workload(probes=f"{{liveness: {{httpGet: /health, periodSeconds: 3}}, readiness: /ready}}  {HERE}"),),
        (workload(probes="{startup: /up, liveness: {httpGet: /health, periodSeconds: 3}, readiness: /ready}"),),
    ),
    Case(
        "single-writer-rolling-update",
        (workload(volumes=DATA, strategy=f"RollingUpdate  {HERE}"),),
        (workload(volumes=DATA),),
        at="RollingUpdate",
    ),
    Case(
        "single-writer-shared",
        (workload(volumes=DATA, replicas=f"2  {HERE}"),),
        (workload(volumes=DATA, replicas="2", controller="StatefulSet"),),
        at="2",
    ),
    Case(
        "single-writer-shared",
        (workload(volumes=DATA), pod(volumes=f"[{{name: d, persistentVolumeClaim: {{claimName: bot-data}}}}]  {HERE}")),
        (workload(volumes=SHARED), pod(volumes="[{name: d, persistentVolumeClaim: {claimName: bot-data}}]")),
        at="bot-data",
        name="two-workloads",
    ),
    Case(
        "selector-clash",
        (workload(), job(labels=f"{{{NAME_LABEL}: bot}}  {HERE}")),
        (workload(), job(labels="{role: bot}")),
        at="bot",
    ),
    Case(
        "selector-misses-own-pods",
        (deployment(f"{{role: other}}  {HERE}"),),
        (deployment("{role: tool, more: labels}"),),
        at="other",
    ),
    Case(
        "disruption-budget-blocks-drain",
        (workload(podDisruptionBudget=f"{{minAvailable: 1}}  {HERE}"),),
        (workload(podDisruptionBudget="{minAvailable: 1}", replicas="2"),),
        at="1",
    ),
    Case(
        "disruption-budget-blocks-drain",
        (workload(podDisruptionBudget=f"{{maxUnavailable: 0}}  {HERE}", replicas="3"),),
        (workload(podDisruptionBudget="{maxUnavailable: 1}", replicas="3"),),
        at="0",
        name="none",
    ),
    Case(
        "public-exposure-undeclared",
        (workload(service=f"{{type: LoadBalancer}}  {HERE}"),),
        (workload(service="{type: LoadBalancer, loadBalancerSourceRanges: [203.0.113.0/24]}"),),
        at="LoadBalancer",
    ),
    Case(
        "public-exposure-undeclared",
        (raw(f"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: door}}  {HERE}"),),
        (workload(service="{type: ClusterIP}"),),
        at="door",
        name="ingress",
    ),
    Case(
        "network-policy-off",
        (),
        (),
        files={
            "other/application.yaml": line("Application", "other", '{namespace: {name: other, networkPolicy: "off"}}')
        },
    ),
    Case(
        "pod-security-privileged",
        (),
        (),
        at="privileged",
        files={
            "other/application.yaml": document(
                "Application", "other", f"namespace: {{name: other, podSecurity: privileged}}  {HERE}"
            )
        },
    ),
    Case(
        "egress-unlimited",
        (
            raw(
                f"""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {{name: tool}}  {HERE}
                spec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{{}}]}}
                """
            ),
        ),
        (workload(needs="[{internet: {ports: [443]}}]"),),
        at="tool",
    ),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_found_once(case: Case, tmp_path: Path) -> None:
    """What is wrong is found once, where it is wrong."""
    assert_found_once(case, tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_clean(case: Case, tmp_path: Path) -> None:
    """What is right is let through."""
    assert_clean(case, tmp_path)
