"""What a model promises to whom, as a text in Markdown."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from datasurface.deployment import Deployment
from datasurface.observing import allowance

_MOST = 200
"""Groups that are listed at most: beyond that nobody reads it."""


def about(deployments: Sequence[Deployment]) -> str:
    """A table of platforms, and one of groups with the latency that each asked for."""
    groups = [row for deployment in deployments for row in _groups(deployment)]
    left = f"\n\nand {len(groups) - _MOST} more" if len(groups) > _MOST else ""
    return (
        "\n".join(
            [
                "| platform | schedule | grace | streams |",
                "|---|---|---|---|",
                *map(_platform, deployments),
                "",
                "| workspace | group | platform | latency | late beyond |",
                "|---|---|---|---|---|",
                *groups[:_MOST],
            ]
        )
        + left
    )


def _platform(deployment: Deployment) -> str:
    platform = deployment.platform
    schedule = f"{platform.schedule} ({platform.timezone})"
    return _row(platform.name, schedule, str(platform.grace), str(len(deployment.streams)))


def _groups(deployment: Deployment) -> Iterator[str]:
    more = allowance(deployment.platform)
    promised = {(view.workspace, view.group): view.latency for view in deployment.views if view.latency is not None}
    for (workspace, group), latency in promised.items():
        yield _row(workspace, group, deployment.platform.name, _span(latency), _span(latency + more))


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
