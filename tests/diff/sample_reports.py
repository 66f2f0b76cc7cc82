"""Reports as real changes make them, one for each kind of change."""

from __future__ import annotations

from platformc.diagnostics import Finding, Severity
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.report import CauseKind, Entry, FindingState, Report, ReportedFinding
from reports import at, cause, effect, report, update, value
from sample_dangers import (
    certificate_swapped,
    environment_renamed,
    port_exposed,
    secret_rotated,
    table_key,
    table_removed,
)

SERVICES = "specs/stoat/services.yaml"
IMAGE = "spec.template.spec.containers[api].image"
TAG_CAUSE = cause("Workload stoat/stoat-api", "image.tag", "1.8.2", "1.9.0", at(SERVICES, 14))
ROLLING = "restarts 2 pods, one by one, because the image changes"


def new_image() -> Report:
    """The most frequent change of all."""
    return report(
        Entry(
            (TAG_CAUSE,),
            (
                effect(EffectKind.RESTART, Verdict.RESTART, "Deployment stoat/stoat-api", ROLLING),
                update(
                    "Deployment stoat/stoat-api",
                    value(IMAGE, "ghcr.io/stoat/api:1.8.2", "ghcr.io/stoat/api:1.9.0"),
                    value("metadata.labels.[app.kubernetes.io/version]", "1.8.2", "1.9.0"),
                ),
            ),
        ),
        changed={"production": (0, 1, 0), "staging": (0, 1, 0)},
        findings=(
            ReportedFinding(
                FindingState.STANDING,
                Finding(
                    at(SERVICES, 14),
                    "image-tag-mutable",
                    Severity.WARNING,
                    "image `ghcr.io/stoat/api:1.9.0` has no digest",
                ),
            ),
        ),
    )


def config_value() -> Report:
    """A value of a Config whose checksum restarts pods, with another effect in production."""
    before = '[web]\napp = "https://stoat.example"\nlimit = 100\n\n[files]\nuploads = true\nkeep = 30\n'
    config = value("data.[stoat.toml]", before, before.replace("limit = 100", "limit = 250"))
    return report(
        Entry(
            (
                cause(
                    "Config stoat/stoat-config",
                    "files.[stoat.toml].web.limit",
                    "100",
                    "250",
                    at("specs/stoat/config.yaml", 9),
                ),
            ),
            (
                effect(
                    EffectKind.DOWNTIME,
                    Verdict.DOWNTIME,
                    "Deployment stoat/stoat-worker",
                    "does not answer while its only pod is replaced, because it has the strategy Recreate",
                    ("production",),
                    differs=True,
                ),
                effect(
                    EffectKind.RESTART,
                    Verdict.RESTART,
                    "Deployment stoat/stoat-worker",
                    "restarts 1 pod, because the checksum of stoat-config changes",
                    ("staging",),
                    differs=True,
                ),
                effect(
                    EffectKind.RESTART,
                    Verdict.RESTART,
                    "Deployment stoat/stoat-api",
                    "restarts 2 pods, one by one, because the checksum of stoat-config changes",
                ),
                update("ConfigMap stoat/stoat-config", config, group=""),
            ),
        ),
        changed={"production": (0, 3, 0), "staging": (0, 3, 0)},
    )


def compiler_upgrade() -> Report:
    """Nothing of the pull request's own; what another compiler makes of the base comes first."""
    names = [f"Deployment stoat/service-{number}" for number in range(12)]
    return report(
        upgrade=(
            Entry(
                (cause("", kind=CauseKind.COMPILER, before="0.15.2", after="0.16.0"),),
                (
                    *(
                        update(
                            name, value("spec.strategy.rollingUpdate.maxSurge", None, "25%", "the API server's default")
                        )
                        for name in names
                    ),
                    effect(
                        EffectKind.RESTART,
                        Verdict.RESTART,
                        "Deployment stoat/edge",
                        "restarts 2 pods, one by one, because its template changes",
                        ("staging",),
                    ),
                ),
            ),
        ),
        folded={"the API server's default": 24, "equal quantities": 3},
    )


def chart_unknown() -> Report:
    """An Addon, whose objects nobody knows here, beside an environment that does not compile."""
    return report(
        Entry(
            (cause("Addon cert-manager", "chart.version", "1.15.0", "1.16.1", at("specs/addons.yaml", 20)),),
            (
                effect(
                    EffectKind.CHART,
                    Verdict.ROUTINE,
                    "Application argocd/production-cert-manager",
                    "has another chart: its effects are not known here",
                    ("production",),
                    group="argoproj.io",
                ),
            ),
        ),
        changed={"production": (0, 1, 0)},
        unknown={"staging": "it does not compile in the head: 2 errors"},
        findings=(
            ReportedFinding(
                FindingState.NEW,
                Finding(
                    at("specs/environments/staging.yaml", 4),
                    "unknown-reference",
                    Severity.ERROR,
                    "there is no Workload `stoat/apy`",
                    "did you mean `stoat/api`?",
                    environment="staging",
                ),
            ),
            ReportedFinding(
                FindingState.FIXED,
                Finding(at(SERVICES, 40), "image-tag-mutable", Severity.WARNING, "image `a:b` has no digest"),
            ),
        ),
    )


def nothing() -> Report:
    """A refactoring."""
    return report(folded={"order of a set": 2})


def fleet() -> Report:
    """Ten environments, one of which is different."""
    names = tuple(f"shop-{number:02}" for number in range(10))
    usual, other = names[:-1], names[-1:]
    return report(
        Entry(
            (cause("Workload shop/web", "replicas", "2", "3", at("specs/shop/web.yaml", 6)),),
            (
                effect(
                    EffectKind.UPDATE,
                    Verdict.ROUTINE,
                    "Deployment shop/web",
                    "runs 3 pods instead of 2",
                    usual,
                    fields=(value("spec.replicas", "2", "3"),),
                    differs=True,
                ),
                effect(
                    EffectKind.REFUSED,
                    Verdict.REFUSED,
                    "Deployment shop/web",
                    "is refused by the quota of the namespace, which has room for 2 pods",
                    other,
                    differs=True,
                ),
            ),
        ),
        changed=dict.fromkeys(names, (0, 1, 0)),
        names=names,
    )


SAMPLES = {
    made.__name__.replace("_", "-"): made
    for made in (
        new_image, config_value, table_key, table_removed, secret_rotated, certificate_swapped, environment_renamed,
        compiler_upgrade, port_exposed, chart_unknown, nothing, fleet,
    )
}  # fmt: skip
"""Name of its golden files -> the report."""
