"""bootstrap: what must be on Argo CD's cluster before Argo CD can do the rest."""

from platformc.bootstrap.first_objects import FirstObject, next_steps, prepared, root_name

__all__ = ["FirstObject", "next_steps", "prepared", "root_name"]
