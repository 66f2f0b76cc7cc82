"""Settings: kinds without objects of their own; other kinds read them."""

from __future__ import annotations

from platformc.kinds.common import ALLOW, POD_KEYS, POD_ONE_OF
from platformc.language import Kind
from platformc.language.kind import Layers, Symbol, unchanged
from platformc.language.models.application import ApplicationSpec
from platformc.language.models.base import SpecModel
from platformc.language.models.environment import EnvironmentSpec
from platformc.language.models.platform import PlatformSpec
from platformc.language.models.profile import ProfileSpec
from platformc.language.models.sealed_values import SealedValuesSpec

LONGEST_NAME = 63
PLAIN = Layers(merge_keys=ALLOW, one_of={}, null_values=(), expand=unchanged)
NEVER_LAYERED = Layers(merge_keys={}, one_of={}, null_values=(), expand=unchanged)
# Short forms of its documents are expanded when they are merged over others, by the kind of those.
OF_PODS = Layers(merge_keys=POD_KEYS, one_of=POD_ONE_OF, null_values=("servicePort",), expand=unchanged)


def _settings(name: str, model: type[SpecModel], layers: Layers) -> Kind:
    return Kind(
        name=name,
        model=model,
        longest_name=LONGEST_NAME,
        symbol=Symbol.OTHER,
        references=None,
        layers=layers,
        aws=None,
        lower=None,
    )


PLATFORM = _settings("Platform", PlatformSpec, PLAIN)
ENVIRONMENT = _settings("Environment", EnvironmentSpec, PLAIN)
APPLICATION = _settings("Application", ApplicationSpec, PLAIN)
PROFILE = _settings("Profile", ProfileSpec, OF_PODS)
SEALED_VALUES = _settings("SealedValues", SealedValuesSpec, NEVER_LAYERED)
