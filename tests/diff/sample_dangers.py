"""Reports of changes that a reader must not overlook."""

from __future__ import annotations

from platformc.diagnostics import Finding, Severity
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.report import Acceptance, Entry, FindingState, Report, ReportedFinding, StaleAcceptance
from reports import at, cause, effect, report, update, value


def table_key() -> Report:
    """What DynamoDB refuses, and what is lost if someone makes it happen."""
    return report(
        Entry(
            (
                cause(
                    "Table discord-bot/sessions",
                    "hashKey.name",
                    "user_id",
                    "guild_id",
                    at("specs/discord-bot/tables.yaml", 12),
                ),
            ),
            (
                effect(
                    EffectKind.REFUSED,
                    Verdict.REFUSED,
                    "Table discord-bot/sessions",
                    "is refused by DynamoDB: the key of a table cannot change; the sync succeeds, the claim stays "
                    "unready until the key is `user_id` again",
                    details=(
                        "to keep the data: make a second table, copy, switch readers, then remove the first",
                        "2 workloads wait for it: Deployment discord-bot/bot and Deployment discord-bot/sandbox",
                    ),
                    fields=(value("spec.parameters.hashKey.name", "user_id", "guild_id"),),
                    group="aws.platformc.dev",
                ),
                effect(
                    EffectKind.MANAGED,
                    Verdict.ROUTINE,
                    "Table prod-discord-bot-sessions",
                    "is changed in AWS",
                    ("production",),
                    fields=(value("spec.forProvider.attribute[0].name", "user_id", "guild_id"),),
                    group="dynamodb.aws.upbound.io",
                ),
            ),
        ),
        changed={"production": (0, 1, 0), "staging": (0, 1, 0)},
        findings=(
            ReportedFinding(
                FindingState.NEW,
                Finding(
                    at("specs/discord-bot/tables.yaml", 12),
                    "immutable-field",
                    Severity.ERROR,
                    "the key of a table cannot change: `user_id` becomes `guild_id`",
                    "make a table with another name, and copy what is in this one",
                ),
            ),
        ),
    )


def table_removed() -> Report:
    """A wanted loss: the spec accepts it in production; in staging nobody does."""
    place = at("specs/discord-bot/tables.yaml", 31)
    reason = "moved to the new table guilds on 3 March, checked with a scan"
    wanted = Acceptance(reason, at("specs/discord-bot/application.yaml", 8))
    lost = "is deleted with everything in it: nothing protects it, and the last backup goes with it"
    return report(
        Entry(
            (cause("Table discord-bot/legacy-guilds", at=place, change="removed"),),
            (
                effect(
                    EffectKind.DATA,
                    Verdict.DATA_LOSS,
                    "Table discord-bot/legacy-guilds",
                    lost,
                    ("production",),
                    group="aws.platformc.dev",
                    accepted=wanted,
                ),
                effect(
                    EffectKind.DATA,
                    Verdict.DATA_LOSS,
                    "Table discord-bot/legacy-guilds",
                    lost,
                    ("staging",),
                    group="aws.platformc.dev",
                ),
                effect(
                    EffectKind.DELETE,
                    Verdict.ROUTINE,
                    "Table discord-bot/legacy-guilds",
                    "is deleted by Argo CD when it syncs",
                    group="aws.platformc.dev",
                ),
                effect(
                    EffectKind.PERMISSION,
                    Verdict.ROUTINE,
                    "Role discord-bot/bot",
                    "may no longer read it",
                    details=("no longer: dynamodb:GetItem, dynamodb:Query on legacy-guilds",),
                    group="iam.aws.upbound.io",
                ),
            ),
        ),
        changed={"production": (0, 2, 1), "staging": (0, 2, 1)},
        stale=(
            StaleAcceptance(
                "downtime", "Deployment discord-bot/bot", "short, at night", at("specs/discord-bot/bot.yaml", 3)
            ),
        ),
    )


def secret_rotated() -> Report:
    """Who restarts, and never a value."""
    return report(
        Entry(
            (
                cause(
                    "Secret discord-bot/redis",
                    "keys.password",
                    at=at("specs/sealed/production/discord-bot.redis.yaml", 7),
                ),
            ),
            (
                effect(
                    EffectKind.DOWNTIME,
                    Verdict.DOWNTIME,
                    "StatefulSet discord-bot/redis",
                    "does not answer while its only pod is replaced",
                    ("production",),
                ),
                effect(
                    EffectKind.RESTART,
                    Verdict.RESTART,
                    "Deployment discord-bot/bot",
                    "restarts 3 pods, one by one, because the key password of redis has revision 2",
                    ("production",),
                ),
                effect(
                    EffectKind.SECRET,
                    Verdict.ROUTINE,
                    "SealedSecret discord-bot/redis",
                    "has a new value of the key password: revision 1 becomes 2",
                    ("production",),
                    data={"key": "password", "before": 1, "after": 2},
                    group="bitnami.com",
                ),
            ),
        ),
        changed={"production": (0, 3, 0)},
    )


def certificate_swapped() -> Report:
    """Loud, as whoever has the new key reads every later secret."""
    return report(
        Entry(
            (cause("Environment production", "sealing.certificate", at=at("specs/sealing/production.pem", 1, 1, 27)),),
            (
                effect(
                    EffectKind.CERTIFICATE,
                    Verdict.CERTIFICATE,
                    "Certificate production",
                    "has another key, for which secrets are sealed from now on: make sure that it is your controller's",
                    ("production",),
                    details=(
                        "before: sha256 5f:1c:9a:40:2e:77:1b:d0, valid until 2034-05-01",
                        "after: sha256 e3:b0:c4:42:98:fc:1c:14, valid until 2036-11-20",
                        "4 sealed values were made for the certificate before",
                    ),
                    group="bitnami.com",
                ),
            ),
        ),
    )


def environment_renamed() -> Report:
    """139 objects go, as many come: tables among them."""
    names = [f"Deployment stoat/service-{number:02}" for number in range(60)]
    tables = [f"Table discord-bot/table-{number}" for number in range(9)]
    rest = [f"ConfigMap stoat/config-{number:02}" for number in range(70)]
    gone, come = ("production",), ("live",)
    return report(
        Entry(
            (
                cause("Environment production", at=at("specs/environments/production.yaml", 1, 1), change="removed"),
                cause("Environment live", at=at("specs/environments/live.yaml", 1, 1), change="added"),
            ),
            (
                *(
                    effect(
                        EffectKind.DATA,
                        Verdict.DATA_LOSS,
                        name,
                        "is left behind in AWS: nothing uses it, and `live` starts with an empty one",
                        gone,
                        group="aws.platformc.dev",
                    )
                    for name in tables
                ),
                *(
                    effect(EffectKind.DOWNTIME, Verdict.DOWNTIME, name, "is deleted with its environment", gone)
                    for name in names
                ),
                *(
                    effect(EffectKind.DELETE, Verdict.ROUTINE, name, "is deleted with its environment", gone, group="")
                    for name in rest
                ),
                *(
                    effect(EffectKind.CREATE, Verdict.ROUTINE, name, "is created", come, group="")
                    for name in (*tables, *names, *rest)
                ),
            ),
        ),
        changed={"production": (0, 0, 139), "live": (139, 0, 0)},
        names=("production", "live"),
        notes=("an Application that goes deletes what it manages only if it has the finalizer of Argo CD",),
    )


def port_exposed() -> Report:
    """Reachability, permissions and protection, in one pull request."""
    return report(
        Entry(
            (
                cause(
                    "Workload stoat/edge", "expose[0].from", "10.0.0.0/8", "0.0.0.0/0", at("specs/stoat/edge.yaml", 22)
                ),
            ),
            (
                effect(
                    EffectKind.EXPOSURE,
                    Verdict.EXPOSURE,
                    "Service stoat/edge",
                    "can be reached from the whole internet on 8443/TCP",
                    details=("new: 0.0.0.0/0 → Service stoat/edge 8443/TCP",),
                    group="",
                ),
                update(
                    "NetworkPolicy stoat/edge",
                    value("spec.ingress[0].from[0].ipBlock.cidr", "10.0.0.0/8", "0.0.0.0/0"),
                    group="networking.k8s.io",
                ),
            ),
        ),
        Entry(
            (
                cause(
                    "Identity registry/publisher",
                    "allow[2]",
                    after="s3:*",
                    at=at("specs/registry/identities.yaml", 18),
                    change="added",
                ),
            ),
            (
                effect(
                    EffectKind.PERMISSION,
                    Verdict.PERMISSIONS,
                    "Role registry/publisher",
                    "may do anything with every bucket",
                    details=("may now: s3:* on *", "escalation: s3:PutBucketPolicy lets it open a bucket to others"),
                    group="iam.aws.upbound.io",
                ),
            ),
        ),
        Entry(
            (cause("Profile tables", "protection", "true", "false", at("specs/stoat/profiles.yaml", 5)),),
            tuple(
                effect(
                    EffectKind.DATA,
                    Verdict.UNPROTECTED,
                    f"Table discord-bot/{name}",
                    "is no longer protected against deletion",
                    ("production",),
                    fields=(value("spec.parameters.deletionProtection", "true", "false"),),
                    group="aws.platformc.dev",
                )
                for name in ("sessions", "guilds", "members")
            ),
        ),
        changed={"production": (0, 5, 0), "staging": (0, 2, 0)},
    )
