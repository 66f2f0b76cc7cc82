"""link: from one environment's documents to a graph with every reference bound."""

from platformc.link.attributes import ConfigValue, SecretValue
from platformc.link.bind import has_unbound
from platformc.link.identities import access_edges, users
from platformc.link.link import link
from platformc.link.namespaces import NamespacePlan
from platformc.link.needs import internet, kubernetes_api
from platformc.link.pods import ordered_variables
from platformc.link.program import Edge, EdgeKind, Outside, Program, PullSecretPlan
from platformc.link.scope import Absent, Target

__all__ = [
    "Absent",
    "ConfigValue",
    "Edge",
    "EdgeKind",
    "NamespacePlan",
    "Outside",
    "Program",
    "PullSecretPlan",
    "SecretValue",
    "Target",
    "access_edges",
    "has_unbound",
    "internet",
    "kubernetes_api",
    "link",
    "ordered_variables",
    "users",
]
