"""check: what is checked about a finished environment: policies, sealed values, schemas."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.check.across_environments import (
        IN_CLUSTER,
        Footprint,
        Placed,
        argocd_cluster_of,
        cluster_of,
        footprint,
    )
    from platformc.check.checks import ENVIRONMENT_CHECKS, OBJECT_CHECKS, PLATFORM_CHECKS
    from platformc.check.in_aws import InAWS
    from platformc.check.kubeconform.documents import MissingSchema
    from platformc.check.kubeconform.validation import (
        Checked,
        Tools,
        Validated,
        Validation,
        in_all,
        unchecked_compositions,
        unknown_kubernetes,
    )
    from platformc.check.lowered import LoweredEnvironment, WholePlatform
    from platformc.check.policies import all_rules
    from platformc.check.remarks import Remark, Unchecked, ValidClaim
    from platformc.check.schemas.store import SchemaStore
else:
    __getattr__ = lazily(
        __name__,
        {
            "across_environments": (
                "IN_CLUSTER",
                "Footprint",
                "Placed",
                "argocd_cluster_of",
                "cluster_of",
                "footprint",
            ),
            "checks": ("ENVIRONMENT_CHECKS", "OBJECT_CHECKS", "PLATFORM_CHECKS"),
            "in_aws": ("InAWS",),
            "kubeconform.documents": ("MissingSchema",),
            "kubeconform.validation": (
                "Checked",
                "Tools",
                "Validated",
                "Validation",
                "in_all",
                "unchecked_compositions",
                "unknown_kubernetes",
            ),
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
    "Checked",
    "Footprint",
    "InAWS",
    "LoweredEnvironment",
    "MissingSchema",
    "Placed",
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
    "in_all",
    "unchecked_compositions",
    "unknown_kubernetes",
]
