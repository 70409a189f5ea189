"""What an apply of a small change touches, by the server's own log of statements."""

import re
from collections.abc import Sequence

from attrs import evolve

from datasurface.graph import deployments
from datasurface.model import Column, Dataset
from datasurface.operations.apply import apply
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import installed_plugins
from datasurface.types import BigInt, Text
from tests.postgres.conftest import NewPipeline
from tests.support.pipeline import Pipeline

ID = Column("id", BigInt(), primary_key=True)
CHANGES = (
    *("CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "COMMENT"),
    *("INSERT", "UPDATE", "DELETE", "LOCK", "COPY", "ANALYZE"),
)


def datasets(count: int) -> Sequence[Dataset]:
    return [Dataset(f"kind_{number}", columns=[ID]) for number in range(count)]


def applied(pipeline: Pipeline, of: Sequence[Dataset]) -> list[str]:
    """The statements that an apply sends to the server."""
    pipeline.datasets = of
    model = pipeline.model
    begun = pipeline.server.log.stat().st_size
    apply(
        CheckedModel(model, model, deployments(model), (), None),
        installed_plugins(),
        pipeline.access.credentials,
    )
    log = pipeline.server.log.read_bytes()[begun:].decode()
    return re.split(r"^.*?LOG:  statement: ", log, flags=re.MULTILINE)[1:]


def test_a_change_of_one_dataset_touches_its_objects_alone_however_many_others_there_are(
    new_pipeline: NewPipeline,
) -> None:
    counts = set()
    for count in (2, 6):
        pipeline = new_pipeline(datasets(count))
        applied(pipeline, pipeline.datasets)
        pipeline.store(f"ALTER ROLE {pipeline.access.writer.name} SET log_statement = 'all'")
        changed, *others = datasets(count)
        statements = applied(pipeline, [evolve(changed, columns=[ID, Column("note", Text())]), *others])

        changes = [each for each in statements if each.lstrip().startswith(CHANGES)]
        objects = {name for each in changes for name in re.findall(r'"(?:yellow\w+)_(kind_\d+)', each)}
        assert objects == {"kind_0"}
        counts.add(len(statements))
    assert len(counts) == 1, counts
