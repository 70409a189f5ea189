"""What a type checker says of an ``eco.py`` that is wrong: each line below has an error of the named kind, and mypy
fails on a comment that is not needed. Checked by mypy, never run.
"""

from datetime import timedelta

from datasurface import (
    ClassificationPolicy,
    Column,
    Dataset,
    DatasetGroup,
    DatasetSink,
    Datastore,
    Deprecation,
    ForeignKey,
    GitRepository,
    Milestoning,
    PostgresDatabase,
    Requirements,
    SqlSnapshot,
    SqlWatermark,
    Team,
    Workspace,
)
from datasurface.types import Array, Decimal, Integer, VarChar
from datasurface_yellow import YellowDataPlatform

database = PostgresDatabase("DB", host="h", database="d")
here = GitRepository("acme/model")
minute = timedelta(minutes=1)
column = Column("id", Integer())
live = Requirements(Milestoning.LIVE_ONLY, latency=minute)

# A word that is misspelt, missing, or by position where it needs its name.
Column("id", Integer(), primarykey=True)  # type: ignore[call-arg]
Column("id")  # type: ignore[call-arg]
Column("id", Integer(), True)  # type: ignore[call-arg]
Dataset("d")  # type: ignore[call-arg]
Dataset("d", [column])  # type: ignore[call-arg]
PostgresDatabase("DB", "localhost")  # type: ignore[call-arg]
Requirements(Milestoning.LIVE_ONLY)  # type: ignore[call-arg]
YellowDataPlatform("Y", milestoning=Milestoning.LIVE_ONLY, schedule="* * * * *", namespace="y")  # type: ignore[call-arg]

# A value of another type.
Column("id", Integer)  # type: ignore[arg-type]
Column("id", "varchar")  # type: ignore[arg-type]
Column("id", Integer(), classification="pii")  # type: ignore[arg-type]
Column("id", Integer(), nullable="yes")  # type: ignore[arg-type]
VarChar("20")  # type: ignore[arg-type]
VarChar()  # type: ignore[call-arg]
Array(int)  # type: ignore[arg-type]
Decimal("10")  # type: ignore[arg-type]
Requirements("live_only", latency=minute)  # type: ignore[arg-type]
Requirements(Milestoning.LIVE_ONLY, latency=60)  # type: ignore[arg-type]
Deprecation("2030-01-01")  # type: ignore[arg-type]
Team("t", repository="acme/team")  # type: ignore[arg-type]
SqlSnapshot("DB")  # type: ignore[arg-type]
SqlSnapshot(database, tables=["customers"])  # type: ignore[arg-type]
SqlWatermark(database, column=["seen"])  # type: ignore[arg-type]
Workspace("w", groups=[], container="DB")  # type: ignore[arg-type]

# One thing where a list is needed, or a list of other things.
Dataset("d", columns=column)  # type: ignore[arg-type]
Dataset("d", columns=["id"])  # type: ignore[list-item]
DatasetGroup("g", sinks=["d"], requires=live)  # type: ignore[list-item]
DatasetGroup("g", sinks=DatasetSink("S", "d"), requires=live)  # type: ignore[arg-type]
Datastore("S", capture=database, datasets=[])  # type: ignore[arg-type]
ForeignKey([column], "d")  # type: ignore[list-item]
Workspace("w", groups=[], clearance=["pii"])  # type: ignore[list-item]
ClassificationPolicy("p", allowed=["pii"])  # type: ignore[list-item]
Team("t", repository=here, policies=["none"])  # type: ignore[list-item]

# A value that does not change.
column.name = "other"  # type: ignore[misc]
