"""replacing: a new tree held against the one that it takes the place of."""

from platformc.replacing.trees import check_replaced

__all__ = [
    "check_replaced",
]
