"""scripted_dangers: changes that a reviewer must not be told less, or more, of than they do."""

from __future__ import annotations

from scripted_edits import ScriptedChange, appended, replaced, without_document

SANDBOX = "specs/discord-bot/sandbox.yaml"
RAW = "specs/discord-bot/raw.yaml"
RAW_MANIFEST = """\
apiVersion: platformc.dev/v1alpha1
kind: RawManifest
metadata: {{name: {name}}}
spec:
  objects:
    - {object}
"""
NOTHING = """\
apiVersion: platformc.dev/v1alpha1
kind: Config
metadata: {name: nothing}
spec:
  files:
    nothing.txt: {text: nothing}
"""
TABLE_OF_OTHERS = RAW_MANIFEST.format(
    name="reports",
    object="{apiVersion: databases.example.com/v1, kind: Table, metadata: {name: reports, namespace: discord-bot}, "
    "spec: {tableName: reports, deletionPolicy: Delete}}",
)
CLOSED_NAMESPACE = RAW_MANIFEST.format(
    name="nobody-reaches-crossplane",
    object="{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, "
    "metadata: {name: closed, namespace: crossplane-system}, spec: {podSelector: {}, policyTypes: [Ingress]}}",
)
OPEN_NAMESPACE = RAW_MANIFEST.format(
    name="open",
    object="{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: open, namespace: discord-bot}, "
    "spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}}",
)

DANGERS = (
    # Not one of ours although it is called so: nothing is known of its data, and nothing is claimed of AWS.
    ScriptedChange(
        "kind-of-another-group-removed",
        (without_document(RAW, "RawManifest", "reports"),),
        (appended(RAW, f"{NOTHING}---\n{TABLE_OF_OTHERS}"),),
    ),
    ScriptedChange(
        "raw-network-policy-removed",
        (without_document(RAW, "RawManifest", "nobody-reaches-crossplane"),),
        (appended(RAW, f"{NOTHING}---\n{CLOSED_NAMESPACE}"),),
    ),
    ScriptedChange("raw-network-policy-opens", (appended(RAW, OPEN_NAMESPACE),)),
    ScriptedChange(
        "cluster-role-widened",
        (
            replaced(
                SANDBOX,
                "        - {apiGroups: [batch], resources: [cronjobs, jobs], verbs: [get, list, watch]}\n",
                "        - {apiGroups: [batch], resources: [cronjobs, jobs], verbs: [get, list, watch, create]}\n",
            ),
        ),
    ),
    ScriptedChange(
        "argocd-setting",
        (
            replaced(
                "argocd/settings/argocd-cmd-params-cm.yaml",
                'controller.sync.timeout.seconds: "1800"',
                'controller.sync.timeout.seconds: "60"',
            ),
        ),
    ),
)
