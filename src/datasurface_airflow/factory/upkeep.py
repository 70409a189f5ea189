"""The DAGs that keep a platform itself: two, as looking for a new commit is cheap and proving tables is not."""

from collections.abc import Mapping, Sequence
from typing import cast

from .flows import schedule_of
from .tasks import dag, defaults, job, time_table
from .versions import DAG, get_parsing_context


def infrastructure_dags(installation: Mapping[str, object]) -> dict[str, object]:
    """Both by name; in a worker the one that it runs. They look into no database to be made: they are there before
    the first apply, and while the control database is away."""
    platform = str(installation["platform"])
    wanted = get_parsing_context().dag_id
    often = [*(["apply"] if installation["apply"] else []), "freshness"]
    plans = {
        "infrastructure": (
            "Applies new commits of the model; looks whether data is late.",
            "infrastructure_schedule",
            often,
        ),
        "maintenance": (
            "Reconciles views, takes old history away, proves the laws on the tables.",
            "maintenance_schedule",
            ["views", "retention", "verify"],
        ),
    }
    names = {kind: f"{dag_prefix(platform)}__{kind}" for kind in plans}
    return {
        names[kind]: _dag(names[kind], installation, what, str(installation[schedule]), todo)
        for kind, (what, schedule, todo) in plans.items()
        if wanted in (None, names[kind])
    }


def dag_prefix(platform: str) -> str:
    """The platform's name as a DAG's name may have it."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "._-") else "_" for each in platform.lower())


def _dag(name: str, installation: Mapping[str, object], what: str, schedule: str, todo: Sequence[str]) -> DAG:
    platform = str(installation["platform"])
    cron, every = schedule_of(schedule)
    lines = "".join(f"- `{each}`: result records under the stream `@{each}`\n" for each in todo)
    made = dag(
        name,
        description=f"{platform}: {what}",
        schedule=time_table(cron, every, str(installation["timezone"])),
        default_args=defaults(installation, "datasurface", pool=installation["pool"]),
        doc_md=f"### {platform}\n\n{what}\n\n{lines}\nEach is `datasurface maintain --platform {platform} --task …`.\n",
        max_active_tasks=1,
        tags=["datasurface", "infrastructure", platform],
    )
    with made:
        for urgency, each in enumerate(reversed(todo), start=1):
            words = ["maintain", "--platform", platform, "--task", each]
            git = installation["repository_credential"]
            if each == "apply" and git is not None:
                words += ["--repo-credential", str(git)]
            job(
                each,
                words,
                installation,
                resources={},
                credentials=cast("Sequence[str]", installation["credential_names"]),
                priority_weight=urgency,  # one after the other, and one that fails keeps no other from its work
                weight_rule="absolute",
            )
    return made
