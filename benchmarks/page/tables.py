"""Parts of the page as Markdown, from the JSON documents of the benchmarks. Nothing here has an effect."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from benchmarks.airflow_parse.course import Look
from benchmarks.airflow_parse.report import HEAD, lines
from benchmarks.spread import Spread

Document = Mapping[str, object]

_PART = re.compile(r"(<!-- measured: (?P<name>[\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_GROWTH = 1.2
"""A ratio may grow so many times from the smaller to the larger table."""


@frozen
class Measured:
    """The documents of one or more runs, by benchmark."""

    merges: tuple[Document, ...]
    evolutions: tuple[Document, ...]
    peers: Document | None
    divergence: Document | None
    model_size: Document | None
    applies: Document | None
    airflow: Document | None

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Measured":
        """Sort documents by what they say they are."""
        by_kind: dict[str, list[Document]] = {}
        for document in documents:
            by_kind.setdefault(str(document["benchmark"]), []).append(document)
        return cls(
            tuple(by_kind.get("merge", ())),
            tuple(by_kind.get("evolution", ())),
            by_kind.get("peers", [None])[-1],
            by_kind.get("divergence", [None])[-1],
            by_kind.get("model size", [None])[-1],
            by_kind.get("apply", [None])[-1],
            by_kind.get("airflow parse", [None])[-1],
        )


def renewed(page: str, measured: Measured) -> str:
    """The page with its measured parts as the documents say; parts that no document speaks of stay."""

    def part(found: re.Match[str]) -> str:
        text = _PARTS[found["name"]](measured)
        return found[0] if text is None else f"{found[1]}{text}\n{found[3]}"

    return _PART.sub(part, page)


def _merge(measured: Measured) -> str | None:
    if not measured.merges:
        return None
    return "\n\n".join(_merge_table(document) for document in measured.merges)


def _merge_table(document: Document) -> str:
    lines = []
    for figures in _figures(document):
        ratio, seconds = _mapping(figures["ratio"]), _mapping(figures["seconds"])
        lines.append(
            (
                _case(figures),
                str(figures["level"] or "-"),
                _number(seconds["median"]),
                _number(ratio["median"]),
                f"{_number(ratio['low'])}–{_number(ratio['high'])}",
                _number(figures["bound"]),
                {True: "yes", False: "**no**", None: ""}[cast("bool | None", figures["within"])],
                _megabytes(figures["memory_peak"]),
            )
        )
    head = ("case", "level", "seconds", "× floor", "min–max", "bound", "within", "MB")
    return f"{_run(document)}:\n\n{_table(head, lines)}"


def _evolution(measured: Measured) -> str | None:
    if not measured.evolutions:
        return None
    return "\n\n".join(map(_evolution_table, measured.evolutions))


def _evolution_table(document: Document) -> str:
    lines = []
    for figures in _figures(document):
        ratio, seconds = _mapping(figures["ratio"]), _mapping(figures["seconds"])
        locks = [f"{mode} {_milliseconds(held)}" for mode, held in _mapping(figures["locks"]).items()]
        cells = (
            _number(seconds["median"]),
            _number(ratio["median"]),
            f"{_number(ratio['low'])}–{_number(ratio['high'])}",
        )
        slowest = _milliseconds(_mapping(figures["longest_read"])["high"])
        lines.append((str(figures["title"]), *cells, f"{figures['new_versions']:,}", ", ".join(locks), slowest))
    head = ("change", "seconds", "× floor", "min–max", "new versions", "locks", "slowest read")
    return f"{_run(document)}, {document['history']} batches of history:\n\n{_table(head, lines)}"


def _growth(measured: Measured) -> str | None:
    """How the ratios of one server's version grow with the table."""
    lines = []
    for small in measured.merges:
        for large in measured.merges:
            if (small["postgres"], True) != (large["postgres"], cast(int, small["rows"]) < cast(int, large["rows"])):
                continue
            ratios = {_key(figures): _median(figures) for figures in _figures(small)}
            for figures in _figures(large):
                if figures["platform"] and _key(figures) in ratios:
                    growth = _median(figures) / ratios[_key(figures)]
                    sizes = f"{small['rows']:,} to {large['rows']:,}"
                    kept = "yes" if growth < _GROWTH else "**no**"
                    lines.append((_case(figures), sizes, f"{growth:.2f} ×", f"{_GROWTH:.2f}", kept))
    return _table(("case", "rows", "ratio grows", "bound", "within"), lines) if lines else None


def _peers(measured: Measured) -> str | None:
    document = measured.peers
    if document is None:
        return None
    floors = _mapping(document["floors"])
    lines = []
    for outcome in map(_mapping, _sequence(document["outcomes"])):
        floor, landing = _number(floors[str(outcome["case"])]), _number(outcome["landing"] or None)
        cells = (landing, _number(outcome["seconds"]), _number(outcome["inside"]), floor)
        lines.append((str(outcome["case"]), str(outcome["title"]), *cells, str(outcome["fault"] or "right")))
    title = (
        f"PostgreSQL {document['postgres']}, {document['rows']:,} rows, median of {document['runs']} runs, "
        f"{_machine(document)}"
    )
    head = ("case", "product", "copy, s", "process, s", "work, s", "floor, s", "result")
    versions = "\n".join(f"- {line}" for line in _sequence(document["environments"]))
    return f"{title}:\n\n{_table(head, lines)}\n\n{versions}"


def _leads(measured: Measured) -> str | None:
    if measured.peers is None:
        return None
    lines = [
        (
            str(lead["case"]),
            str(lead["ours"]),
            str(lead["measure"]),
            f"{lead['times']:.1f} ×",
            str(lead["peer"]),
        )
        for lead in map(_mapping, _sequence(measured.peers["leads"]))
    ]
    return _table(("case", "ours", "by", "faster", "than"), lines)


def _settings(measured: Measured) -> str | None:
    if measured.peers is None:
        return None
    notes = _mapping(measured.peers["notes"])
    return "\n".join(f"- **{title}**: {'; '.join(map(str, _sequence(said)))}." for title, said in notes.items())


def _divergence(measured: Measured) -> str | None:
    document = measured.divergence
    if document is None:
        return None
    contenders, judgements = _mapping(document["contenders"]), _mapping(document["judgements"])
    lines = [
        (str(title), *(_verdict(_judgement(judgements, name, case)) for name in contenders))
        for case, title in _mapping(document["cases"]).items()
    ]
    return f"PostgreSQL {document['postgres']}:\n\n{_table(('sequence', *map(str, contenders.values())), lines)}"


def _reasons(measured: Measured) -> str | None:
    document = measured.divergence
    if document is None:
        return None
    contenders, judgements = _mapping(document["contenders"]), _mapping(document["judgements"])
    lines = []
    for name, title in contenders.items():
        for case, words in _mapping(document["cases"]).items():
            found = _judgement(judgements, name, case)
            if found["verdict"] != "right":
                lines.append((str(title), str(words), str(found["reason"])[:240], str(found["documented"])))
    return _table(("product", "sequence", "what it kept or said", "documented or reported"), lines)


def _model_size(measured: Measured) -> str | None:
    document = measured.model_size
    if document is None:
        return None
    lines = []
    for figures in _figures(document):
        seconds, bound = _mapping(figures["seconds"]), figures["bound"]
        lines.append(
            (
                str(figures["command"]),
                f"{_mapping(figures['size'])['columns']:,}",
                _number(seconds["median"]),
                f"{_number(seconds['low'])}–{_number(seconds['high'])}",
                _number(_median(figures)),
                _number(_mapping(figures["processor"])["median"]),
                _number(figures["growth"]),
                _megabytes(figures["memory"]),
                "" if bound is None else f"{_mapping(bound)['seconds']:.0f}",
                {True: "yes", False: "**no**", None: ""}[cast("bool | None", figures["within"])],
            )
        )
    for least in map(_mapping, _sequence(document["leasts"])):
        for name in ("floor", "code"):
            seconds = _mapping(least[name])
            spread = _number(seconds["median"]), f"{_number(seconds['low'])}–{_number(seconds['high'])}"
            lines.append((name, f"{_mapping(least['size'])['columns']:,}", *spread, "", "", "", "", "", ""))
    head = ("command", "columns", "seconds", "min–max", "× floor", "CPU s", "growth", "MB", "bound", "within")
    return f"Median of {document['runs']} runs, {_machine(document)}:\n\n{_table(head, lines)}"


def _applies(measured: Measured) -> str | None:
    document = measured.applies
    if document is None:
        return None
    of_kind: dict[str, list[Document]] = {}
    for applied in map(_mapping, _sequence(document["measured"])):
        of_kind.setdefault(str(applied["what"]), []).append(applied)
    lines = []
    for what, applies in of_kind.items():
        seconds, processor = (
            Spread.of([float(str(applied[name])) for applied in applies]) for name in ("seconds", "processor")
        )
        bound = cast("float | None", _mapping(document["bounds"]).get(what))
        of_bound = ("", "") if bound is None else (f"{bound}", "yes" if seconds.median < bound else "**no**")
        counts = f"{applies[0]['steps']:,}", f"{applies[0]['relations']:,}"
        lines.append((what, *seconds.shown(_number), _number(processor.median), *counts, *of_bound))
    head = ("apply", "seconds", "min–max", "own CPU s", "steps", "relations", "bound", "within")
    title = f"PostgreSQL {document['postgres']}, {document['streams']:,} streams, {document['runs']} runs"
    return f"{title}, {_machine(document)}:\n\n{_table(head, lines)}"


def _airflow(measured: Measured) -> str | None:
    document = measured.airflow
    if document is None:
        return None
    looks = [Look(**cast(dict[str, Any], each)) for each in _sequence(document["measured"])]
    return f"Median of {document['runs']} runs, {_machine(document)}:\n\n{_table(HEAD, lines(looks))}"


def _judgement(judgements: Document, name: str, case: str) -> Document:
    return _mapping(_mapping(judgements[name])[case])


def _verdict(judgement: Document) -> str:
    verdict = str(judgement["verdict"])
    return f"**{verdict.lower()}**" if verdict == "WRONG" else verdict


def _figures(document: Document) -> Sequence[Document]:
    return [_mapping(each) for each in _sequence(document["figures"])]


def _case(figures: Document) -> str:
    platform = f", {str(figures['platform']).lower()}" if figures["platform"] else ""
    shape = "" if figures["shape"] == "standard" else f" ({str(figures['shape']).replace('_', ' ')})"
    return f"{figures['title']}{platform}{shape}"


def _key(figures: Document) -> tuple[object, object]:
    return figures["case"], figures["platform"]


def _median(figures: Document) -> float:
    return float(str(_mapping(figures["ratio"])["median"]))


def _run(document: Document) -> str:
    return (
        f"PostgreSQL {document['postgres']}, {document['rows']:,} rows, {document['runs']} runs, {_machine(document)}"
    )


def _machine(document: Document) -> str:
    """What the figures are worth: the load is that of everything else on the machine when the run began."""
    return f"{_mapping(document['machine'])['cores']} cores, load {document['load_before']} before"


def _number(value: object) -> str:
    return "" if value is None else f"{float(str(value)):.2f}"


def _milliseconds(seconds: object) -> str:
    return f"{float(str(seconds)) * 1000:,.0f} ms"


def _megabytes(spread: object) -> str:
    return "" if spread is None else f"{float(str(_mapping(spread)['high'])) / 1e6:.0f}"


def _mapping(value: object) -> Document:
    assert isinstance(value, Mapping)
    return value


def _sequence(value: object) -> Sequence[object]:
    assert isinstance(value, Sequence)
    return value


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


_PARTS: Mapping[str, Callable[[Measured], str | None]] = {
    "merge": _merge,
    "growth": _growth,
    "evolution": _evolution,
    "peers": _peers,
    "leads": _leads,
    "settings": _settings,
    "divergence": _divergence,
    "reasons": _reasons,
    "model size": _model_size,
    "applies": _applies,
    "airflow": _airflow,
}
