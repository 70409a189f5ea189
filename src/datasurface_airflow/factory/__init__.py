"""Makes the DAGs of one platform out of its configuration rows. Shipped beside the DAG files, so that it needs nothing
but the standard library, psycopg2 and Airflow, whatever else is installed where Airflow runs.

Airflow loads when DAGs are made; what is decided before that is in modules that do not know it.
"""

from collections.abc import Mapping


def factory_dags(installation: Mapping[str, object]) -> dict[str, object]:
    """One DAG per row of the platform, by name; in a worker only the one that it is about to run."""
    from .dags import factory_dags as made

    return made(installation)


def infrastructure_dags(installation: Mapping[str, object]) -> dict[str, object]:
    """The DAGs that keep the platform itself: what was committed is applied, views and laws are looked after."""
    from .upkeep import infrastructure_dags as made

    return made(installation)
