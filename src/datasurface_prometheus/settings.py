"""What of an installation the model does not say: the tables ``[prometheus]`` and ``[grafana]`` of the environment
file."""

from attrs import Attribute, field, frozen

LEAST_OBJECTIVE = 0.95
"""With less a month's allowance would be so large that no incident could use it up at the rate of the fastest alert."""


def _objective(_instance: object, attribute: "Attribute[float]", value: float) -> None:
    if not LEAST_OBJECTIVE <= value < 1:
        raise ValueError(f"{attribute.name}: it must be at least {LEAST_OBJECTIVE} and less than 1, not {value!r}")


def _positive(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if value < 1:
        raise ValueError(f"{attribute.name}: it must be at least 1, not {value!r}")


@frozen
class PrometheusSettings:
    """How strict the rules are, and what their alerts are called.

    Attributes:
        objective: the share of time in which each group's data are to be as fresh as it asked, over 30 days.
        failures: so many jobs of a stream in a row have to fail before that is told.
        missing_minutes: so long the metrics of a platform may be missing.
        interval_seconds: between two evaluations of the rules.
        page: the severity of what somebody has to see at once.
        ticket: the severity of what can wait for the morning.
    """

    objective: float = field(default=0.99, validator=_objective)
    failures: int = field(default=3, validator=_positive)
    missing_minutes: int = field(default=10, validator=_positive)
    interval_seconds: int = field(default=60, validator=_positive)
    page: str = "page"
    ticket: str = "ticket"


@frozen
class GrafanaSettings:
    """How the dashboard is known.

    Attributes:
        title: its title.
        uid: by which links find it, and by which the next one replaces it.
    """

    title: str = "DataSurface"
    uid: str = "datasurface"
