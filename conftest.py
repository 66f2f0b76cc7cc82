"""conftest: nothing is timed in any test, as a busy machine is no bug; in CI, Hypothesis does without clocks anyway."""

from hypothesis import HealthCheck, settings

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
