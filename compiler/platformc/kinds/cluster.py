"""Cluster: the records of kinds that become objects on the cluster, or describe something there."""

from __future__ import annotations

from platformc.kinds.common import ALLOW, NEEDS, POD_KEYS, POD_ONE_OF
from platformc.language import Kind, expand_pod
from platformc.language.kind import Layers, References, Symbol, no_aliases, unchanged
from platformc.language.models.addon import AddonSpec
from platformc.language.models.config import ConfigSpec
from platformc.language.models.external_service import ExternalServiceSpec
from platformc.language.models.job import JobSpec
from platformc.language.models.raw_manifest import RawManifestSpec
from platformc.language.models.secret import SecretSpec
from platformc.language.models.workload import WorkloadSpec
from platformc.link import attributes
from platformc.lower import config, job, raw_manifest, secret, workload

LONGEST_NAME = 63
OF_PODS = Layers(merge_keys=POD_KEYS, one_of=POD_ONE_OF, null_values=("servicePort",), expand=expand_pod)
PLAIN = Layers(merge_keys=ALLOW, one_of={}, null_values=(), expand=unchanged)
WITH_NEEDS = Layers(merge_keys={**ALLOW, **NEEDS}, one_of={}, null_values=(), expand=unchanged)

WORKLOAD = Kind(
    name="Workload",
    model=WorkloadSpec,
    longest_name=52,  # a StatefulSet's pods get 11 characters more, its headless Service 9
    symbol=Symbol.PROGRAM,
    references=References(
        word="workload", attributes=attributes.WORKLOAD, any_attribute=None, itself=None, aliases=no_aliases
    ),
    layers=OF_PODS,
    aws=None,
    lower=workload.lower,
)
JOB = Kind(
    name="Job",
    model=JobSpec,
    longest_name=52,  # a CronJob's jobs get 11 characters more
    symbol=Symbol.TASK,
    references=References(word="job", attributes={}, any_attribute=None, itself=None, aliases=no_aliases),
    layers=OF_PODS,
    aws=None,
    lower=job.lower,
)
SECRET = Kind(
    name="Secret",
    model=SecretSpec,
    longest_name=LONGEST_NAME,
    symbol=Symbol.SECRET,
    references=References(
        word="secret", attributes={}, any_attribute=attributes.SECRET_KEY, itself=None, aliases=no_aliases
    ),
    layers=PLAIN,
    aws=None,
    lower=secret.lower,
)
CONFIG = Kind(
    name="Config",
    model=ConfigSpec,
    longest_name=LONGEST_NAME,
    symbol=Symbol.FILE,
    references=References(
        word="config",
        attributes={},
        any_attribute=attributes.CONFIG_FILE,
        itself=lambda target: target.name,
        aliases=no_aliases,
    ),
    layers=PLAIN,
    aws=None,
    lower=config.lower,
)
EXTERNAL_SERVICE = Kind(
    name="ExternalService",
    model=ExternalServiceSpec,
    longest_name=LONGEST_NAME,
    symbol=Symbol.OUTSIDE,
    references=References(
        word="service", attributes=attributes.EXTERNAL_SERVICE, any_attribute=None, itself=None, aliases=no_aliases
    ),
    layers=PLAIN,
    aws=None,
    lower=None,
)
ADDON = Kind(
    name="Addon",
    model=AddonSpec,
    longest_name=LONGEST_NAME,
    symbol=Symbol.OTHER,
    references=None,
    layers=PLAIN,
    aws=None,
    lower=None,
)
RAW_MANIFEST = Kind(
    name="RawManifest",
    model=RawManifestSpec,
    longest_name=LONGEST_NAME,
    symbol=Symbol.OTHER,
    references=None,
    layers=WITH_NEEDS,
    aws=None,
    lower=raw_manifest.lower,
)
