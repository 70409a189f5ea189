"""Runs in the environment of dlt: one pipeline run for each table of the order on standard input.

Written by dlt's public documentation of `sql_table`, of merge strategies and of the Postgres destination.
"""

import json
import sys
from time import perf_counter

import dlt
from dlt.sources.sql_database import sql_table


def main() -> None:
    order = json.load(sys.stdin)
    errors = {}
    begun = perf_counter()
    for table in order["tables"]:
        try:
            load(order, table)
        except Exception as error:
            errors[table["name"]] = said(error)
    print(json.dumps({"inside": perf_counter() - begun, "errors": errors}))


def said(error: BaseException) -> str:
    """The error that the others around it came from, in one line; dlt puts whole tracebacks into theirs."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {(lines or ['no message'])[0][:300]}"


def load(order: dict, table: dict) -> None:  # type: ignore[type-arg]
    pipeline = dlt.pipeline(
        pipeline_name=f"{order['strategy'].replace('-', '_')}_{table['name']}",
        pipelines_dir=order["pipelines"],
        destination=dlt.destinations.postgres(order["target_url"]),
        dataset_name=table["dataset"],
    )
    fast = order["backend"] == "connectorx"
    resource = sql_table(
        # Later versions of SQLAlchemy take another driver where none is named.
        order["source_url"].replace("postgresql://", "postgresql+psycopg2://"),
        table=table["name"],
        schema=order["source_schema"],
        backend=order["backend"],
        reflection_level="full_with_precision",
        backend_kwargs={"conn": order["source_url"]} if fast else None,
    )
    if order["strategy"] == "replace":
        resource.apply_hints(write_disposition="replace")
    elif order["strategy"] == "scd2":
        disposition = {"disposition": "merge", "strategy": "scd2"}
        if fast:
            from dlt.sources.helpers.transform import add_row_hash_to_table

            disposition["row_version_column_name"] = "row_hash"
            resource.add_map(add_row_hash_to_table("row_hash"))
        # The source's primary key is no hint for this strategy, which knows rows by their hash.
        resource.apply_hints(write_disposition=disposition, primary_key=[])
    else:
        resource.apply_hints(
            write_disposition={"disposition": "merge", "strategy": order["strategy"]}, primary_key=table["key"]
        )
    pipeline.run(resource, loader_file_format="parquet" if fast else None).raise_on_failed_jobs()


main()
