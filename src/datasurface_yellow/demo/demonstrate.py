"""The whole demonstration, from an empty folder to the verdict."""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from time import monotonic

from attrs import frozen
from rich.console import Console

from datasurface.errors import UsageError
from datasurface.model import Dataset
from datasurface.operations.workers import Threads
from datasurface.plugins.manager import Plugins
from datasurface_yellow.demo.consumer import ConsumerViews, as_of_name, history_name
from datasurface_yellow.demo.page import served_page
from datasurface_yellow.demo.play import Play, Tally
from datasurface_yellow.demo.report import Verdict
from datasurface_yellow.demo.screen import Screen, show_question, show_verdict
from datasurface_yellow.demo.stage import Stage, open_stage
from datasurface_yellow.local.databases import CONSUMER_DB
from datasurface_yellow.local.server_account import make_folder
from datasurface_yellow.simulator.changes import Snapshot
from datasurface_yellow.simulator.log import decode_row
from datasurface_yellow.store.connection import Row, closing
from datasurface_yellow.store.naming import consumers_name

INITIAL_FILE = "initial.json"


@frozen
class DemoOptions:
    """How the demonstration runs.

    Attributes:
        folder: for the server's data, the log and the environment file.
        duration: how long the producer changes.
        keep: leave the folder at the end.
        server_url: an administrator's URL of a server to use instead of an embedded one.
        seed: of the simulator.
        check_only: only check what an earlier run has left in the folder.
        serve: show the monitor's page, from when the model is in force until ``workers`` are stopped.
    """

    folder: Path
    duration: timedelta
    keep: bool
    server_url: str | None
    seed: int
    check_only: bool = False
    serve: bool = False


def demonstrate(
    options: DemoOptions,
    plugins: Plugins,
    console: Console,
    workers: Threads,
    before_checks: Callable[[Stage], None] = lambda _stage: None,
) -> Verdict:
    """Run it; ``before_checks`` is called when all is caught up and nothing is checked yet."""
    begun = monotonic()
    if not options.check_only and options.folder.exists() and any(options.folder.iterdir()):
        raise UsageError(f"{options.folder} is not empty", hint="name another --folder, or remove it")
    make_folder(options.folder)
    try:
        with (
            open_stage(options.folder, options.server_url, anew=not options.check_only) as stage,
            ExitStack() as served,
        ):
            screen = Screen(console, Tally())
            play = Play(stage, plugins, screen, screen.tally)
            if options.check_only:
                play.recount()
            else:
                _put_in_force(play, screen, options)
            address = served.enter_context(served_page(stage)) if options.serve else None
            if address is not None:
                console.print(f"The page of the monitor: {address}", soft_wrap=True)
            if not options.check_only:
                _perform(play, screen, options, workers)
            before_checks(stage)
            console.print("Checking, as the consumer and against the simulator's log ...")
            found = play.check(_read_initial(options.folder))
            verdict = Verdict(play.tally.changes, play.tally.platforms, found, monotonic() - begun)
            _show_what_consumers_can_ask(stage, play, console)
            show_verdict(console, verdict)
            if address is not None and not workers.is_stopping:
                console.print(f"The page is there until Ctrl+C: {address}", soft_wrap=True)
                while not workers.is_stopping:
                    workers.wait(None)
    finally:
        if not options.keep and not options.check_only:
            shutil.rmtree(options.folder)
    if options.keep:
        console.print(f"Kept. To check it again: datasurface demo --check --folder {options.folder}", soft_wrap=True)
    return verdict


def _put_in_force(play: Play, screen: Screen, options: DemoOptions) -> None:
    screen.console.print("Applying the customer360 model: one producer, a live and a forensic platform ...")
    play.put_in_force()
    _write_initial(options.folder, play.initial())


def _perform(play: Play, screen: Screen, options: DemoOptions, workers: Threads) -> None:
    screen.console.print("The producer changes; both platforms follow. Ctrl+C ends it early.")
    screen.until = monotonic() + options.duration.total_seconds()
    with screen.showing():
        play.perform(options.duration, options.seed, workers)


def _show_what_consumers_can_ask(stage: Stage, play: Play, console: Console) -> None:
    """Three questions, answered through the consumer's own views."""
    customers = play.datasets()[0]
    with closing(stage.connect(CONSUMER_DB, stage.consumer)) as session:
        views = ConsumerViews(session)
        console.print("What a consumer can ask now:", style="bold")
        _show_live(views, customers, console)
        _show_history(views, customers, console)
        _show_as_of(views, customers, console)


def _show_live(views: ConsumerViews, customers: Dataset, console: Console) -> None:
    view = consumers_name("YellowLive", "Consumer1", "LiveDSG", customers.name, "view")
    rows = views.live("YellowLive", customers)
    show_question(
        console,
        f"1. Who are our customers now? ({len(rows)} rows, 3 shown)\n   {view}",
        ["id", "firstName", "lastName", "email"],
        [(row[0], row[1], row[2], row[4]) for row in sorted(rows, key=lambda row: str(row[0]))[:3]],
    )


def _show_history(views: ConsumerViews, customers: Dataset, console: Console) -> None:
    key = views.most_changed(customers)
    if key is None:
        return
    versions = views.versions(customers, key)
    changed = changed_columns([row[:-2] for row in versions])[:3]
    show_question(
        console,
        f"2. What was known of customer {key}, and when?\n   {history_name(customers)}",
        [*(customers.columns[column].name for column in changed), "from", "to"],
        [(*(row[column] for column in changed), row[-2], row[-1]) for row in versions[-5:]],
    )


def changed_columns(versions: Sequence[Row]) -> Sequence[int]:
    """The positions whose value is not the same in all versions of a row."""
    return [column for column, values in enumerate(zip(*versions, strict=True)) if len(set(values)) > 1]


def _show_as_of(views: ConsumerViews, customers: Dataset, console: Console) -> None:
    batches = views.batches(customers)
    asked = sorted({batches[0], batches[len(batches) // 2], batches[-1]})
    show_question(
        console,
        f"3. How many customers were there as of batch n?\n   {as_of_name(customers)}(n)",
        ["as of batch", "customers"],
        [(batch, views.as_of(customers, batch)) for batch in asked],
    )


def _write_initial(folder: Path, snapshot: Snapshot) -> None:
    (folder / INITIAL_FILE).write_text(json.dumps(snapshot, default=str), encoding="utf-8")


def _read_initial(folder: Path) -> Snapshot:
    documents = json.loads((folder / INITIAL_FILE).read_text(encoding="utf-8"))
    return {table: {key: decode_row(table, row) for key, row in rows.items()} for table, rows in documents.items()}


def new_folder() -> Path:
    """A folder that does not exist yet, where temporary things are."""
    return Path(tempfile.gettempdir()) / f"datasurface-demo-{token_hex(4)}"


def console_for(*, as_json: bool) -> Console:
    """80 columns; on standard error where standard output belongs to a JSON document."""
    return Console(file=sys.stderr if as_json else sys.stdout, width=80, markup=False, emoji=False, highlight=False)
