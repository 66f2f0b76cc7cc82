"""replacing: a new tree compared with the one that it replaces."""

from platformc.replacing.trees import check_replaced

__all__ = [
    "check_replaced",
]
