"""Job -> a Job that Argo CD runs on each sync, or a CronJob."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.language import Resource
from platformc.language.models.job import JobSpec, Schedule
from platformc.language.origin import derive
from platformc.link import Program
from platformc.lower.access import lower_access
from platformc.lower.checksums import digest
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE, metadata, wave_of, without_nothing
from platformc.lower.pod import claim_name, claim_spec, pod_template

JOB_CHECKSUM = "platformc.dev/job-checksum"
HOOK = {
    "argocd.argoproj.io/hook": "Sync",
    # Jobs are immutable; the old one is deleted when the next is created, and its log stays readable until then.
    "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
}


def lower(program: Program, resource: Resource[JobSpec]) -> Iterator[Manifest]:
    """The job with its service account and volumes."""
    template = pod_template(program, resource, claim_templates=False)
    template["spec"]["restartPolicy"] = "OnFailure"
    spec = _job_spec(resource.spec, template)
    # Argo CD does not compare hooks: only a change of a tracked object starts the sync that runs them.
    yield from lower_access(program, resource, {JOB_CHECKSUM: digest(spec)} if resource.spec.run is None else None)
    if isinstance(resource.spec.run, Schedule):
        yield _scheduled(program, resource, resource.spec.run, spec)
    else:
        yield _on_sync(program, resource, spec)
    for volume in resource.spec.volumes:
        described = metadata(program, resource, claim_name(resource, volume))
        made = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": described,
            "spec": claim_spec(program, volume.persistent_volume_claim),
        }
        yield Manifest(made, resource.id, resource.id.application)


def _job_spec(spec: JobSpec, template: dict[str, Any]) -> dict[str, Any]:
    return without_nothing(
        {
            "backoffLimit": spec.backoff_limit,
            "activeDeadlineSeconds": spec.active_deadline_seconds,
            "template": template,
        }
    )


def _on_sync(program: Program, resource: Resource[JobSpec], spec: dict[str, Any]) -> Manifest:
    wave = wave_of(program, resource.id, 1)
    described = metadata(program, resource, resource.name, annotations={**HOOK, WAVE: derive(str(wave), wave)})
    made = {"apiVersion": "batch/v1", "kind": "Job", "metadata": described, "spec": spec}
    return Manifest(made, resource.id, resource.id.application)


def _scheduled(program: Program, resource: Resource[JobSpec], run: Schedule, spec: dict[str, Any]) -> Manifest:
    made = {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(program, resource, resource.name, wave=wave_of(program, resource.id)),
        "spec": without_nothing(
            {
                "schedule": run.schedule,
                "timeZone": run.time_zone,
                "concurrencyPolicy": run.concurrency_policy,
                "jobTemplate": {"spec": spec},
            }
        ),
    }
    return Manifest(made, resource.id, resource.id.application)
