"""effects: the judges, each for one family of effects."""

from platformc.diff.effect import Judge
from platformc.diff.effects.argocd import argocd_effects
from platformc.diff.effects.charts import chart_effects
from platformc.diff.effects.data import data_effects
from platformc.diff.effects.exposure import exposure_effects
from platformc.diff.effects.managed import managed_effects
from platformc.diff.effects.objects import in_place, object_effects
from platformc.diff.effects.order import order_effects
from platformc.diff.effects.permissions import permission_effects
from platformc.diff.effects.refused import refused_effects
from platformc.diff.effects.restarts import restart_effects
from platformc.diff.effects.secrets import secret_effects

JUDGES: tuple[Judge, ...] = (
    object_effects,
    refused_effects,
    restart_effects,
    order_effects,
    data_effects,
    managed_effects,
    exposure_effects,
    permission_effects,
    secret_effects,
    argocd_effects,
    chart_effects,
)

__all__ = ["JUDGES", "in_place"]
