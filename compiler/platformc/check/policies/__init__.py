"""Policies: the list of policy rules, and of all rules that a finding can come from."""

from platformc.check.policies import (
    aws,
    controllers,
    credentials,
    exposure,
    images,
    kubernetes_access,
    layers,
    privileges,
    running,
    secret_values,
    stoat,
)
from platformc.check.policies.policy import Policy, Problem
from platformc.rules import Rule
from platformc.rules.registry import LANGUAGE_RULES

POLICIES: tuple[Policy, ...] = (
    images.image_name_malformed,
    images.image_tag_mutable,
    images.image_digest_missing,
    images.pull_secret_missing,
    privileges.privileged_container,
    privileges.privilege_escalation,
    privileges.capability_added,
    privileges.capability_kept,
    privileges.seccomp_unconfined,
    privileges.root_user,
    privileges.user_missing,
    privileges.writable_root_filesystem,
    privileges.host_access,
    kubernetes_access.cluster_wide_rbac,
    kubernetes_access.rbac_wildcard,
    kubernetes_access.rbac_reads_secrets,
    kubernetes_access.rbac_escalation,
    kubernetes_access.rbac_runs_pods,
    kubernetes_access.rbac_built_in_admin,
    kubernetes_access.rbac_for_everybody,
    kubernetes_access.service_account_token_unneeded,
    running.memory_limit_missing,
    running.resource_request_missing,
    running.probe_missing,
    running.liveness_kills_slow_start,
    controllers.single_writer_rolling_update,
    controllers.single_writer_shared,
    controllers.selector_clash,
    controllers.selector_misses_own_pods,
    controllers.disruption_budget_blocks_drain,
    exposure.public_exposure_undeclared,
    exposure.network_policy_off,
    exposure.pod_security_privileged,
    exposure.egress_unlimited,
    secret_values.secret_literal_in_env,
    secret_values.secret_literal_in_arguments,
    secret_values.secret_literal_in_file,
    secret_values.secret_literal_in_url,
    secret_values.secret_unsealed,
    layers.config_repeats_secret,
    credentials.weak_credentials,
    credentials.default_credential_accepted,
    aws.iam_wildcard,
    aws.repository_tags_mutable,
    aws.repository_unscanned,
    aws.protection_blocks_deletion,
    aws.queue_unencrypted,
    aws.dead_letters_expire_early,
    aws.visibility_timeout_short,
    stoat.minio_virtual_host_buckets,
    stoat.stoat_default_keys,
)
"""The rules about objects, in the order in which they run."""


def all_rules() -> tuple[Rule, ...]:
    """Return every rule, sorted by id."""
    return tuple(sorted((*(policy.rule for policy in POLICIES), *LANGUAGE_RULES), key=lambda rule: rule.id))


__all__ = ["POLICIES", "Policy", "Problem", "all_rules"]
