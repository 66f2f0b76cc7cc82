"""bootstrap: what Argo CD's cluster needs before Argo CD can do the rest."""

from platformc.bootstrap.first_objects import FirstObject, next_steps, prepared, root_name

__all__ = ["FirstObject", "next_steps", "prepared", "root_name"]
