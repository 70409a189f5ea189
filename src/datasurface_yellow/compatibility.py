"""The Yellow platform: what its own settings mean for those whom it serves."""

from datetime import timedelta
from typing import cast

from datasurface.change.consequences import seen_by_groups, span
from datasurface.change.consumption import Models
from datasurface.change.diff import Change
from datasurface.change.rules.places import moved_tables
from datasurface.change.verdicts import CompatibilityRule, Opinion, compatible, rule
from datasurface_yellow.platform import YellowDataPlatform


@rule("YC101", "Tables stand in another place", (YellowDataPlatform, "schema"), (YellowDataPlatform, "merge_database"))
def other_place(change: Change, models: Models) -> Opinion:
    """Tables do not move. In another schema, or another kind of database, there are none: groups that are served would
    lose their history and find their views gone."""
    name = change.after[-1].key() or ""
    return moved_tables(models, name, f"platform {name} has its tables in another {_PLACES[change.attribute or '']}")


_PLACES = {"schema": "schema", "merge_database": "kind of database"}


@rule("YC102", "Jobs run in another namespace", (YellowDataPlatform, "namespace"))
def other_namespace(change: Change, _models: Models) -> Opinion:
    """Jobs are the same wherever they run; their secrets must be there before the apply."""
    return compatible(f"its jobs run in namespace {change.new}, where their secrets must be")


@rule(
    "YC103",
    "Records are kept for longer or shorter",
    (YellowDataPlatform, "keep_batches"),
    (YellowDataPlatform, "keep_metrics"),
    (YellowDataPlatform, "keep_results"),
)
def other_keeping(change: Change, models: Models) -> Opinion:
    """Staging, the log of batches and results of jobs that are older than what is kept go for good with the next batch.
    No row that consumers read is among them, and yet they are told: some look batches up."""
    old, new = cast("int | timedelta", change.old), cast("int | timedelta", change.new)
    name = change.after[-1].key() or ""
    what = f"platform {name} has {change.attribute}={_span(new)} instead of {_span(old)}"
    is_more = new > old  # type: ignore[operator]  # both are numbers, or both are spans
    return compatible(what) if is_more else seen_by_groups(models, name, f"{what}: what is older goes for good")


@rule("YC104", "A job waits as long as it says", (YellowDataPlatform, "lock_wait"), (YellowDataPlatform, "read_limit"))
def other_patience(change: Change, _models: Models) -> Opinion:
    """A job that gives up sooner or later is tried again; what it reads is the same."""
    return compatible(f"its jobs have {change.attribute}={_span(change.new)}")


def _span(value: object) -> str:
    return span(value) if isinstance(value, timedelta) else str(value)


RULES: tuple[CompatibilityRule, ...] = (other_place, other_namespace, other_keeping, other_patience)
