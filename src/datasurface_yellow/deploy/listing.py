"""What stands for consumers beside what should."""

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection

from datasurface.deployment import Deployment
from datasurface.results import ListedView, ViewState
from datasurface_yellow.deploy.definition import columns_of
from datasurface_yellow.deploy.making import Maker, as_made
from datasurface_yellow.deploy.standing import Standing, standing_columns, standing_views
from datasurface_yellow.deploy.wanted import View


def list_views(
    session: Connection, deployment: Deployment, views: Sequence[View], maker: Maker, *, schema: str | None = None
) -> list[ListedView]:
    """Every view and function that a platform has made in a database or should make, by name. ``schema``: those in
    others are left out."""
    found = {
        place: standing
        for place, standing in standing_views(session, deployment).items()
        if schema in (None, place.schema)
    }
    columns = standing_columns(session, found)
    wanted = {view.place: view for view in views}
    return [
        ListedView(
            name=str(place),
            state=_state(wanted.get(place), found.get(place), deployment, maker),
            columns=columns.get(place, ()) if place in found else columns_of(wanted[place]),
            readers=found[place].readers if place in found else (),
            path=wanted[place].path if place in wanted else None,
        )
        for place in sorted(found.keys() | wanted.keys(), key=str)
    ]


def _state(view: View | None, standing: Standing | None, deployment: Deployment, maker: Maker) -> ViewState:
    if view is None:
        return ViewState.UNWANTED
    if maker.missing(view) is not None:
        return ViewState.WAITING
    if standing is None:
        return ViewState.MISSING
    made = as_made(view, deployment, maker)
    is_made_so = not standing.is_replaced and standing.mark == made.mark and standing.says(made.description)
    return ViewState.STANDS if is_made_so and view.role in standing.readers else ViewState.DIFFERS
