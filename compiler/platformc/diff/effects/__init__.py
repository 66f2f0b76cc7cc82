"""effects: the judges, each for one family of effects."""

from platformc.diff.effect import Judge

JUDGES: tuple[Judge, ...] = ()
