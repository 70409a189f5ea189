"""The producer database of the example: its tables and first rows."""

import psycopg2
import psycopg2.extensions

from datasurface_yellow.simulator.errors import SimulatorError
from datasurface_yellow.simulator.example import example_folder


def create_producer(connection: psycopg2.extensions.connection) -> None:
    """Creates tables, constraints and indexes, and fills them when they are empty; commits. Twice is the same as once.

    The connection's role must be allowed to create in schema ``public``. SimulatorError when the database refuses.
    """
    try:
        with connection.cursor() as cursor:
            for name in ("producer.sql", "seed.sql"):
                cursor.execute((example_folder() / name).read_text(encoding="utf-8"))
        connection.commit()
    except psycopg2.ProgrammingError as error:
        connection.rollback()
        raise SimulatorError(
            f"cannot create the producer's tables: {error.diag.message_primary}",
            hint="use a role that may create in schema public, and a database without other tables of these names",
        ) from error
