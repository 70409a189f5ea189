"""What an ``eco.py`` names. Loads without any driver."""

from attrs import field, frozen
from attrs.validators import instance_of

from datasurface.model import Container, DataPlatform
from datasurface.model.element import not_empty


@frozen(repr=False)
class DuckDbFile(Container):
    """A DuckDB database in one file. It has no credential: who may read the file may read the data.

    Attributes:
        path: of the file, absolute; an environment file can bind it to another place.
    """

    path: str = field(kw_only=True, validator=not_empty)


@frozen(repr=False)
class DuckDbDataPlatform(DataPlatform):
    """Snapshots of SQLite files, merged into a file of DuckDB.

    Attributes:
        file: where merge tables and the consumers' views stand.
        patience: seconds that a job waits while another one, or a reader, has the file.
    """

    file: DuckDbFile = field(kw_only=True, validator=instance_of(DuckDbFile))
    patience: int = field(default=30, kw_only=True, validator=instance_of(int))

    @property
    def merge_store(self) -> DuckDbFile:
        """The file."""
        return self.file
