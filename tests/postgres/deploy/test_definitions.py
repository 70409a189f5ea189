"""What views and functions are compared by, instead of their definitions."""

from collections.abc import Sequence
from hashlib import blake2b

from attrs import evolve
from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.graph import deployments
from datasurface.model import Column, FilterValue, PostgresDatabase, RowFilter, RowFilterPolicy
from datasurface.types import BigInt
from datasurface_yellow.deploy.definition import DEFINITIONS, definition, ingredients
from datasurface_yellow.deploy.wanted import View, wanted_views
from datasurface_yellow.store.catalog import platform_names
from tests.support.people import PEOPLE, PETS
from tests.support.pipeline import ecosystem

NAMES = platform_names("platform", "public")
SOURCE = PostgresDatabase("customer_db", host="h", database="customer_db")
BATCHED = evolve(PETS, columns=[*PETS.columns, Column("batch", BigInt()), Column("at", BigInt())])


def filtered(*values: FilterValue) -> Sequence[Deployment]:
    """Deployments of views that show the people of some cities."""
    policy = RowFilterPolicy("rows", filters=[RowFilter("Store1.people", "city", values)])
    return deployments(evolve(ecosystem([PEOPLE], SOURCE, SOURCE), policies=[policy]))


def views(*changed: Deployment) -> list[View]:
    of = changed or deployments(ecosystem([PEOPLE, BATCHED], SOURCE, SOURCE))
    return [view for deployment in of for view in wanted_views(deployment, "public")]


def test_other_words_in_definitions_are_a_new_version_of_them(administrator: Connection) -> None:
    """Views that stand are made again only where ingredients or version differ: raise DEFINITIONS, and write the new
    digest down here."""
    made = blake2b(digest_size=8)
    for view in (*views(), *views(*filtered("a", None))):
        made.update(definition(administrator, view, NAMES).encode())
    assert (DEFINITIONS, made.hexdigest()) == (2, "a1c8351ef4f5f55c")


def test_equal_ingredients_make_equal_definitions(administrator: Connection) -> None:
    described = evolve(PEOPLE, description="Other words", columns=[evolve(PEOPLE.columns[0], description="So many")])
    more = evolve(PEOPLE, columns=[*PEOPLE.columns, Column("nick", BigInt())])
    renamed = [evolve(view, stream="Store2") for view in views()]
    models = (ecosystem([first, BATCHED], SOURCE, SOURCE) for first in (PEOPLE, described, more))
    of_cities = (filtered(*values) for values in ((), (None,), ("a",), ("a", None), ("a", "b")))
    made: dict[str, str] = {}
    unfiltered = (deployments(model) for model in models)
    for view in (*(view for each in (*unfiltered, *of_cities) for view in views(*each)), *renamed):
        for names in (NAMES, platform_names("other", "public")):
            definition_now = definition(administrator, view, names)
            assert made.setdefault(repr(ingredients(view, names)), definition_now) == definition_now
    assert len(made) > len({*made.values()}) > len(views())
