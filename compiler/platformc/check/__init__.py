"""check: what is checked about a finished environment: policies, sealed values, schemas."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.check.across_environments import IN_CLUSTER, Footprint, argocd_cluster_of, cluster_of, footprint
    from platformc.check.checks import ENVIRONMENT_CHECKS, OBJECT_CHECKS, PLATFORM_CHECKS
    from platformc.check.kubeconform.documents import MissingSchema
    from platformc.check.kubeconform.validation import Tools, Validated, Validation, unchecked_compositions
    from platformc.check.lowered import LoweredEnvironment, WholePlatform
    from platformc.check.policies import all_rules
    from platformc.check.remarks import Remark, Unchecked, ValidClaim
    from platformc.check.schemas.store import SchemaStore
else:
    __getattr__ = lazily(
        __name__,
        {
            "across_environments": ("IN_CLUSTER", "Footprint", "argocd_cluster_of", "cluster_of", "footprint"),
            "checks": ("ENVIRONMENT_CHECKS", "OBJECT_CHECKS", "PLATFORM_CHECKS"),
            "kubeconform.documents": ("MissingSchema",),
            "kubeconform.validation": ("Tools", "Validated", "Validation", "unchecked_compositions"),
            "lowered": ("LoweredEnvironment", "WholePlatform"),
            "policies": ("all_rules",),
            "remarks": ("Remark", "Unchecked", "ValidClaim"),
            "schemas.store": ("SchemaStore",),
        },
    )

__all__ = [
    "ENVIRONMENT_CHECKS",
    "IN_CLUSTER",
    "OBJECT_CHECKS",
    "PLATFORM_CHECKS",
    "Footprint",
    "LoweredEnvironment",
    "MissingSchema",
    "Remark",
    "SchemaStore",
    "Tools",
    "Unchecked",
    "ValidClaim",
    "Validated",
    "Validation",
    "WholePlatform",
    "all_rules",
    "argocd_cluster_of",
    "cluster_of",
    "footprint",
    "unchecked_compositions",
]
