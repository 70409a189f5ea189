"""Spans of time on the command line."""

import click

MOST = 10 * 366 * 86_400
"""Ten years: longer than anybody waits, and short enough for every clock."""


def span(_context: click.Context, _parameter: click.Parameter, seconds: float | None) -> float | None:
    """Callback of an option in seconds: more than nothing, at most ten years. ``nan`` and ``inf`` lie nowhere there."""
    if seconds is not None and not 0 < seconds <= MOST:
        raise click.BadParameter(f"{seconds:g} is no span of time: give more than 0 seconds, and at most {MOST}")
    return seconds
