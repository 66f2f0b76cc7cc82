"""effects: the judges, each for one family of effects."""

from platformc.diff.effect import Judge
from platformc.diff.effects import exposure
from platformc.diff.effects.managed import managed_effects
from platformc.diff.effects.objects import object_effects
from platformc.diff.effects.order import order_effects
from platformc.diff.effects.refused import refused_effects
from platformc.diff.effects.restarts import restart_effects

JUDGES: tuple[Judge, ...] = (
    object_effects,
    refused_effects,
    restart_effects,
    order_effects,
    exposure.judge,
    managed_effects,
)

__all__ = ["JUDGES"]
