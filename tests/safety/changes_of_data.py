"""The changes of the small platform: one for each way in which data is lost, doubled, emptied or unprotected."""

from __future__ import annotations

from changed_platform import Change, appended, removed, renamed, replaced, without

AWS = "specs/shop/aws.yaml"
STORES = "specs/shop/stores.yaml"
SETTINGS = "specs/platform.yaml"
PRODUCTION = "specs/environments/production.yaml"
STAGING = "specs/environments/staging.yaml"
TABLE = "crossplane/table/composition.yaml"
DEFINITION = "crossplane/table/definition.yaml"
OF_ORDERS = "metadata: {name: orders}\nspec:\n"
OF_CACHE = "metadata: {name: cache}\nspec:\n"
OF_SEARCH = "metadata: {name: search}\nspec:\n"
MOVED = "  moved: [{{from: {0}, to: {1}}}]\n"


def patch(kind: str, merge: str) -> str:
    """A patch of a document's object."""
    return f"  patches: [{{target: {{kind: {kind}}}, merge: {merge}}}]\n"


def noted(kind: str, options: str) -> str:
    """A patch of an object's options for Argo CD."""
    return patch(kind, f"{{metadata: {{annotations: {{argocd.argoproj.io/sync-options: {options}}}}}}}")


CHANGES = (
    Change("nothing", ()),
    # What cannot change.
    Change("table-key", (replaced(AWS, "hashKey: {name: id, type: S}", "hashKey: {name: number, type: S}"),)),
    Change("volume-grown", (replaced(STORES, "size: 10Gi", "size: 20Gi"),)),
    Change("volume-shrunk", (replaced(STORES, "size: 10Gi", "size: 5Gi"),)),
    Change("volume-of-stateful-set-grown", (replaced(STORES, "size: 1Gi", "size: 2Gi"),)),
    Change("volume-of-stateful-set-shrunk", (replaced(STORES, "size: 1Gi", "size: 500Mi"),)),
    Change("storage-class", (replaced(SETTINGS, "standard-retain", "fast-retain"),)),
    Change("volume-written-otherwise", (replaced(STORES, "size: 1Gi", "size: 1024Mi"),)),
    # What is gone, or has another name.
    Change("table-removed", (without(AWS, "Table", "orders"),)),
    Change("table-renamed", (replaced(AWS, "name: orders}\nspec:\n", "name: sales}\nspec:\n  tableName: orders\n"),)),
    Change(
        "table-moved",
        (
            replaced(
                AWS,
                OF_ORDERS,
                "metadata: {name: sales}\nspec:\n  tableName: orders\n" + MOVED.format("table.orders", "table.sales"),
            ),
        ),
    ),
    Change(
        "table-moved-to-a-new-name",
        (replaced(AWS, OF_ORDERS, "metadata: {name: sales}\nspec:\n" + MOVED.format("table.orders", "table.sales")),),
    ),
    Change(
        "table-moved-and-unprotected",
        (
            replaced(
                AWS,
                OF_ORDERS,
                "metadata: {name: sales}\nspec:\n  tableName: orders\n  deletionPolicy: Delete\n"
                + MOVED.format("table.orders", "table.sales"),
            ),
        ),
    ),
    Change(
        "dead-letter-queue-dropped",
        (replaced(AWS, "  deadLetterQueue: {name: payments-dead, maxReceiveCount: 3}\n", ""),),
    ),
    Change("raw-managed-resource-removed", (without(AWS, "RawManifest", "archive"),)),
    Change("application-removed", (removed("specs/shop"),)),
    Change("environment-removed", (removed(STAGING),)),
    Change(
        "environment-renamed",
        (
            replaced(STAGING, "name: staging}\nspec", "name: test}\nspec"),
            renamed(STAGING, "specs/environments/test.yaml"),
        ),
    ),
    Change("addon-removed", (removed("specs/addons.yaml"),)),
    Change(
        "addon-renamed",
        (replaced("specs/addons.yaml", "metadata: {name: sealed-secrets}", "metadata: {name: sealing}"),),
    ),
    Change("addon-in-another-namespace", (replaced("specs/addons.yaml", "namespace: sealing", "namespace: sealed"),)),
    Change("addon-downgraded", (replaced("specs/addons.yaml", "2.17.4", "2.16.10"),)),
    # Volumes that are new and empty, and data that nobody finds.
    Change(
        "workload-moved",
        (
            replaced(
                STORES,
                OF_SEARCH,
                "metadata: {name: finder}\nspec:\n" + MOVED.format("workload.search", "workload.finder"),
            ),
        ),
    ),
    Change("stateful-set-renamed", (replaced(STORES, OF_CACHE, "metadata: {name: store}\nspec:\n"),)),
    Change(
        "stateful-set-moved",
        (
            replaced(
                STORES, OF_CACHE, "metadata: {name: store}\nspec:\n" + MOVED.format("workload.cache", "workload.store")
            ),
        ),
    ),
    Change("stateful-set-to-deployment", (replaced(STORES, "  controller: StatefulSet\n", ""),)),
    Change("deployment-to-stateful-set", (replaced(STORES, OF_SEARCH, f"{OF_SEARCH}  controller: StatefulSet\n"),)),
    Change("volume-renamed", (replaced(STORES, "{name: index,", "{name: files,"),)),
    Change(
        "volume-removed",
        (
            replaced(
                STORES,
                "  volumes:\n    - {name: index, mountPath: /var/index, subPath: live, persistentVolumeClaim: {size: 10Gi}}\n",
                "",
            ),
        ),
    ),
    Change("mount-path", (replaced(STORES, "mountPath: /var/index", "mountPath: /srv/index"),)),
    Change("sub-path", (replaced(STORES, "subPath: live", "subPath: next"),)),
    Change(
        "namespace", (replaced("specs/shop/application.yaml", "namespace: {name: shop", "namespace: {name: store"),)
    ),
    # What protects data, by field or by patch, for one claim or for all.
    Change(
        "protection-of-a-table",
        (
            replaced(
                AWS,
                OF_ORDERS,
                f"{OF_ORDERS}  deletionPolicy: Delete\n  deletionProtection: false\n  pointInTimeRecovery: false\n",
            ),
        ),
    ),
    Change(
        "protection-of-a-table-by-patch",
        (
            replaced(
                AWS,
                OF_ORDERS,
                OF_ORDERS + patch("Table", "{spec: {deletionPolicy: Delete, deletionProtection: null}}"),
            ),
        ),
    ),
    Change(
        "protection-in-one-environment",
        (
            appended(
                PRODUCTION,
                "  overrides:\n    - kind: Table\n      metadata: {name: letters}\n      spec: {deletionProtection: false}\n",
            ),
        ),
    ),
    Change("protection-of-a-bucket", (replaced(AWS, "  bucketName:", "  versioning: Suspended\n  bucketName:"),)),
    Change("protection-of-images", (replaced(AWS, "{keepLast: 50}", "{keepLast: 50, imageTagMutability: MUTABLE}"),)),
    Change("managed-resource-deletes", (replaced(AWS, "[Observe, Create, Update]", '["*"]'),)),
    Change(
        "volumes-are-deleted-with-the-stateful-set",
        (
            replaced(
                STORES,
                OF_CACHE,
                OF_CACHE
                + patch("StatefulSet", "{spec: {persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete}}}"),
            ),
        ),
    ),
    Change("prune-is-not-confirmed", (replaced(AWS, OF_ORDERS, OF_ORDERS + noted("Table", "Delete=confirm")),)),
    Change(
        "volume-is-pruned",
        (replaced(STORES, OF_SEARCH, OF_SEARCH + noted("PersistentVolumeClaim", '"Prune=confirm,Delete=confirm"')),),
    ),
    Change(
        "stateful-set-is-replaced",
        (replaced(STORES, OF_CACHE, OF_CACHE + noted("StatefulSet", '"Replace=true,Force=true"')),),
    ),
    Change("namespace-is-pruned", (replaced("specs/shop/lent.yaml", "Prune=confirm", "Prune=true"),)),
    Change(
        "managed-resource-is-replaced",
        (
            replaced(
                AWS,
                "annotations: {crossplane.io/external-name: example-archive}",
                "annotations: {crossplane.io/external-name: example-archive, argocd.argoproj.io/sync-options: Replace=true}",
            ),
        ),
    ),
    Change(
        "objects-are-replaced",
        (
            replaced(
                AWS, OF_ORDERS, OF_ORDERS + noted("Table", '"Prune=confirm,Delete=confirm,Replace=true,Force=true"')
            ),
        ),
    ),
    Change(
        "application-replaces",
        (replaced("specs/shop/application.yaml", "spec:\n", "spec:\n  syncOptions: [Replace=true]\n"),),
    ),
    Change(
        "composition-gains-delete",
        (replaced(TABLE, "Orphan: [Observe, Create, Update]\n", "Orphan: [Observe, Create, Update, Delete]\n"),),
    ),
    Change(
        "composition-without-protection",
        (
            replaced(
                TABLE,
                "              - {type: FromCompositeFieldPath, fromFieldPath: spec.deletionProtection, toFieldPath: spec.forProvider.deletionProtectionEnabled}\n",
                "",
            ),
        ),
        errors=frozenset({"claim-field-unused"}),
    ),
    Change("composed-resource-renamed", (replaced(TABLE, "- name: table\n", "- name: main\n"),)),
    Change("definition-defaults", (replaced(DEFINITION, "default: Orphan", "default: Delete"),)),
    # What is deleted sooner.
    Change("time-to-live", (replaced(AWS, OF_ORDERS, f"{OF_ORDERS}  ttl: {{attributeName: expires}}\n"),)),
    Change("expiration-shortened", (replaced(AWS, "expiration: 30d", "expiration: 7d"),)),
    Change("expiration-added", (replaced(AWS, "    drafts:", "    all: {expiration: 365d}\n    drafts:"),)),
    Change("expiration-lengthened", (replaced(AWS, "expiration: 30d", "expiration: 90d"),)),
    Change("messages-kept-shorter", (replaced(AWS, "messageRetentionPeriod: 4d", "messageRetentionPeriod: 1h"),)),
    Change("fewer-images", (replaced(AWS, "keepLast: 50", "keepLast: 5"),)),
    Change("more-images", (replaced(AWS, "keepLast: 50", "keepLast: 500"),)),
    Change("images-no-longer-limited", (replaced(AWS, "{keepLast: 50}", "{}"),)),
    # What hosts it all.
    Change("cluster", (replaced(PRODUCTION, "destination: {name: production}", "destination: {name: production-2}"),)),
    Change(
        "cluster-and-protection",
        (
            replaced(PRODUCTION, "destination: {name: production}", "destination: {name: production-2}"),
            replaced(AWS, OF_ORDERS, f"{OF_ORDERS}  deletionProtection: false\n"),
        ),
    ),
    Change("account", (replaced(SETTINGS, "123456789012", "210987654321"),)),
    Change(
        "provider-config", (replaced(SETTINGS, "    accountID:", "    providerConfig: {name: other}\n    accountID:"),)
    ),
    Change(
        "provider-config-of-a-managed-resource",
        (
            replaced(
                AWS,
                "        managementPolicies:",
                "        providerConfigRef: {kind: ClusterProviderConfig, name: other}\n        managementPolicies:",
            ),
        ),
    ),
    Change("region", (replaced(SETTINGS, "region: eu-central-1", "region: eu-west-1"),)),
    Change("scope", (replaced(SETTINGS, "  aws:\n", "  crossplane: {scope: LegacyCluster}\n  aws:\n"),)),
    Change(
        "name-prefix-of-argocd", (replaced(STAGING, "argocd: {namePrefix: staging-}", "argocd: {namePrefix: test-}"),)
    ),
    Change("namespace-of-argocd", (replaced(SETTINGS, "  aws:\n", "  argocd: {namespace: delivery}\n  aws:\n"),)),
    Change("name-prefix-in-aws", (replaced(STAGING, "aws: {namePrefix: staging-}", "aws: {namePrefix: test-}"),)),
    Change("repository-of-git", (replaced(SETTINGS, "example/platform.git", "example/other.git"),)),
    Change("folder-of-git", (replaced(SETTINGS, "platform.git}", "platform.git, path: output}"),)),
    # What a person wants, and writes down.
    Change(
        "allowed-on-the-document",
        (
            replaced(
                AWS,
                OF_ORDERS,
                OF_ORDERS
                + "  deletionProtection: false\n  allow: [{rule: data-unprotected, reason: it goes with the next release}]\n",
            ),
        ),
    ),
    Change(
        "allowed-on-the-application",
        (
            without(AWS, "Table", "orders"),
            appended(
                "specs/shop/application.yaml",
                "  allow: [{rule: data-removed, reason: the orders are in another table}]\n",
            ),
        ),
    ),
    Change(
        "allowed-on-the-platform",
        (
            removed(STAGING),
            appended(SETTINGS, "  allow: [{rule: environment-removed, reason: staging was emptied before}]\n"),
        ),
    ),
    Change(
        "allowed-on-the-environment",
        (
            replaced(
                PRODUCTION,
                "destination: {name: production}",
                "destination: {name: production-2}\n  allow: [{rule: cluster-changed, reason: the same cluster}]",
            ),
        ),
    ),
)
