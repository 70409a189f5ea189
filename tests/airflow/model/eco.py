"""The customer360 example, which stands beside this file as ``customer360.py``, and more stores on a platform of their
own, each with one table of the same columns that is read by its version, a hundred rows a batch.
"""

import json
from datetime import timedelta
from pathlib import Path

import customer360
from attrs import evolve

from datasurface import (
    Column,
    Dataset,
    DatasetGroup,
    Datastore,
    Ecosystem,
    Milestoning,
    Requirements,
    SqlWatermark,
)
from datasurface.classification import PUBLIC
from datasurface.types import BigInt
from datasurface_yellow import YellowDataPlatform

# By store its description.
STORES: dict[str, str] = json.loads((Path(__file__).parent / "stores.json").read_text(encoding="utf-8"))


def _store(name: str, description: str) -> Datastore:
    table = Dataset(
        name.lower(),
        columns=[
            Column("id", BigInt(), primary_key=True, classification=PUBLIC),
            Column("version", BigInt(), nullable=False, classification=PUBLIC),
        ],
    )
    capture = SqlWatermark(customer360.customer_db, column="version", window=1, rows_per_batch=100)
    return Datastore(name, description=description, capture=capture, datasets=[table])


def create_ecosystem() -> Ecosystem:
    model = customer360.create_ecosystem()
    (zone,) = model.zones
    (team,) = zone.teams
    (consumer,) = team.workspaces
    stores = [_store(name, description) for name, description in STORES.items()]
    parts = DatasetGroup(
        "PartsDSG",
        sinks=[sink for store in stores for sink in store.sinks()],
        requires=Requirements(Milestoning.LIVE_ONLY, latency=timedelta(minutes=5)),
    )
    platform = YellowDataPlatform(
        "YellowParts",
        milestoning=Milestoning.LIVE_ONLY,
        schedule="* * * * *",
        namespace="yellow-parts",
        merge_database=customer360.live_store,
    )
    team = evolve(
        team,
        datastores=[*team.datastores, *stores],
        workspaces=[evolve(consumer, groups=[*consumer.groups, parts])],
    )
    return evolve(model, platforms=[*model.platforms, platform], zones=[evolve(zone, teams=[team])])
