"""PyMySQL, with streams that can be left in the middle."""

from typing import TYPE_CHECKING

from pymysql.connections import Connection

if TYPE_CHECKING:
    from pymysql.cursors import Cursor

    _Base = Connection[Cursor]  # generic for the checker only
else:
    _Base = Connection


class Driver(_Base):
    """A connection of PyMySQL, which reads a stream of rows to its end when that is closed, and fails at it where the
    connection is gone."""

    def _force_close(self) -> None:
        super()._force_close()  # type: ignore[misc]
        result = getattr(self, "_result", None)
        if result is not None:
            result.unbuffered_active = False  # there is nobody left who would send the rest
