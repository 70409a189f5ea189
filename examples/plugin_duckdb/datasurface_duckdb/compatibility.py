"""What changes of the platform's own settings mean for consumers."""

from datasurface.change.consumption import Models
from datasurface.change.diff import Change
from datasurface.change.rules.places import moved_tables
from datasurface.change.verdicts import CompatibilityRule, Opinion, compatible, rule
from datasurface_duckdb.platform import DuckDbDataPlatform, DuckDbFile


@rule("DC101", "Tables stand in another file", (DuckDbDataPlatform, "file"), (DuckDbFile, "path"))
def other_file(change: Change, models: Models) -> Opinion:
    """Tables do not move: in another file there are none, and consumers find neither views nor history."""
    platforms = [element.name for element in change.after if isinstance(element, DuckDbDataPlatform)]
    if not platforms:
        return compatible("no platform has its tables there")
    return moved_tables(models, platforms[0], f"platform {platforms[0]} has its tables in another file")


@rule("DC102", "A job waits as long as it says", (DuckDbDataPlatform, "patience"))
def other_patience(change: Change, _models: Models) -> Opinion:
    """A job that gives up sooner or later is tried again; what it reads is the same."""
    return compatible(f"its jobs wait {change.new} seconds for the file")


RULES: tuple[CompatibilityRule, ...] = (other_file, other_patience)
