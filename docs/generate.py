"""Writes the parts of these pages that the code itself says: run ``python -m docs.generate`` after a change.

A part stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``, what a block of Python prints after
``<!-- output -->`` between lines of ``~~~``. What is written there by hand is lost.
"""

import inspect
import io
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from functools import partial
from itertools import groupby
from pathlib import Path

import click
from attrs import AttrsInstance, fields

from datasurface import types
from datasurface.change.compatibility import RULES as COMPATIBILITY_RULES
from datasurface.change.type_change import TypeChange, type_change
from datasurface.cli.application import Application
from datasurface.cli.main import datasurface
from datasurface.drawing import as_mermaid
from datasurface.emitting import EmitRequest
from datasurface.environment import Environment
from datasurface.graph import deployments
from datasurface.interchange.odcs.fields import KEPT, LEFT_OUT
from datasurface.lint.registry import Rule
from datasurface.lint.rules import RULES
from datasurface.loader import load
from datasurface.milestoning.laws import LAWS
from datasurface.model.flow import flow
from datasurface.monitoring.definitions import METRICS
from datasurface_airflow.kubernetes.plan import site_of
from datasurface_airflow.kubernetes.settings import KubernetesSettings
from datasurface_airflow.kubernetes.sketch import connections
from datasurface_prometheus.burn import BURNS
from datasurface_prometheus.settings import GrafanaSettings, PrometheusSettings
from datasurface_yellow import YellowDataPlatform
from datasurface_yellow.capture.portable import mysql_types, sqlite_types
from datasurface_yellow.capture.portable.mysql_types import MySqlColumn
from datasurface_yellow.capture.portable.values import Misfit, Reading
from datasurface_yellow.compatibility import RULES as YELLOW_COMPATIBILITY_RULES
from datasurface_yellow.store.types import SourceType, store_type
from docs import pictures, reference
from docs.reference import table

FOLDER = Path(__file__).parent
PICTURE = FOLDER / "milestoning.svg"
_PART = re.compile(r"(<!-- generated: (?P<name>[\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_BLOCK = re.compile(
    r"^```python\n(?P<code>.*?)^```$|(?P<start>^<!-- output -->\n~~~\w+\n).*?(?P<end>^~~~$)", re.MULTILINE | re.DOTALL
)

_SHARED = {"--repo", "--rev", "--repo-credential", "--store", "--environment", "--load-timeout", "--json"}
"""Options that the contract explains once."""

_OF_FILES = {"init", "import", "plugin"}
"""Commands that need no model, and so have no environment."""

_EXAMPLES: Sequence[types.DataType] = (
    types.TinyInt(),
    types.SmallInt(),
    types.Integer(),
    types.BigInt(),
    types.Decimal(),
    types.Decimal(10, 2),
    types.Float32(),
    types.Float64(),
    types.Boolean(),
    types.Char(100),
    types.VarChar(100),
    types.NVarChar(100),
    types.Text(),
    types.Date(),
    types.Time(),
    types.Interval(),
    types.Timestamp(),
    types.Timestamp(timezone=True),
    types.Binary(),
    types.Uuid(),
    types.Json(),
    types.Array(types.Integer()),
    types.Vector(3),
)
"""One of every type of the model; a test sees to that."""

_SOURCES = (
    *("int2", "int4", "int8", "numeric", "float4", "float8", "money", "bool"),
    *("varchar", "text", "bpchar", "name", "citext", "char", "enum"),
    *("date", "time", "timetz", "timestamp", "timestamptz", "interval"),
    *("bytea", "uuid", "json", "jsonb", "xml", "inet", "point"),
)
"""Types that a producer may have, as its catalogue names them."""

_LENGTHS: Mapping[str, int | None] = {"text": None, "citext": None, "name": 63, "char": 1}
"""Characters at most; of other text types as many as the producer declares."""


def main() -> int:
    """Bring every page up to date, and name those that changed."""
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = renewed(old)
        if new != old:
            page.write_text(new, encoding="utf-8")
            sys.stdout.write(f"{page.name} renewed\n")
    PICTURE.write_text(pictures.milestoning(), encoding="utf-8")
    return 0


def pages() -> list[Path]:
    """Every page of this folder."""
    return sorted(FOLDER.glob("*.md"))


def renewed(text: str) -> str:
    """A page with its generated parts, and what its Python prints, as the code says them now."""
    return _with_outputs(_PART.sub(lambda part: f"{part[1]}{_PARTS[part['name']]()}\n{part[3]}", text))


def _with_outputs(text: str) -> str:
    """The page with each output as the block of Python before it prints it now. The blocks of a page are one program;
    that of a page without outputs is not run."""
    if "<!-- output -->" not in text:
        return text
    names: dict[str, object] = {"__name__": "page"}
    printed = ""

    def renewed_block(block: "re.Match[str]") -> str:
        nonlocal printed
        if block["start"]:
            return f"{block['start']}{printed.rstrip()}\n{block['end']}"
        with redirect_stdout(io.StringIO()) as output:
            exec(compile(block["code"], "page", "exec"), names)  # noqa: S102 our own pages
        printed = output.getvalue()
        return block[0]

    return _BLOCK.sub(renewed_block, text)


def _rules() -> str:
    """A section for each rule, below its subject, whose heading and first sentence are the docstring of the module."""
    return "\n\n".join(
        _subject(module, tuple(rules)) for module, rules in groupby(RULES, lambda rule: rule.check.__module__)
    )


def _subject(module: str, rules: Sequence[Rule]) -> str:
    title, _, promise = _one_line(inspect.getdoc(sys.modules[module]) or "").partition(": ")
    sections = (
        f"#### {rule.code}\n\n**{rule.title}** ({rule.severity.value}). {_one_line(rule.documentation)}"
        for rule in rules
    )
    return "\n\n".join([f"### {title}", _capital(promise), *sections])


def _compatibility_rules() -> str:
    rules = (*COMPATIBILITY_RULES, *YELLOW_COMPATIBILITY_RULES)
    return "\n\n".join(f"### {rule.code}\n\n**{rule.title}.** {_one_line(rule.documentation)}" for rule in rules)


_CHANGING: Sequence[types.DataType] = (
    *(types.TinyInt(), types.SmallInt(), types.Integer(), types.BigInt(), types.Float32(), types.Float64()),
    *(types.Decimal(10, 2), types.Decimal(12, 2), types.Decimal(12, 4), types.Decimal()),
    *(types.Char(10), types.Char(20), types.VarChar(10), types.VarChar(20), types.NVarChar(20), types.Text()),
    *(types.Array(types.Integer()), types.Array(types.BigInt())),
)
"""Types that are of one family with others."""


def _type_changes() -> str:
    """Every pair of types that are of one family; all others are of different ones."""
    kinds = (TypeChange.SAME, TypeChange.WIDENED, TypeChange.RESHAPED, TypeChange.NARROWED)
    rows = ((f"`{old!r}`", *(_those(old, kind) for kind in kinds)) for old in _CHANGING)
    return table(("type", "the same as", "widens to", "is written otherwise as", "narrows to"), rows)


def _those(old: types.DataType, kind: TypeChange) -> str:
    return ", ".join(f"`{new!r}`" for new in _CHANGING if new != old and type_change(old, new) is kind) or "-"


def _compatibility_cases() -> str:
    """The cases of the tests, a table for each subject."""
    from tests.unit.change.cases import SUBJECTS

    head = ("change", "verdict", "rule", "why")
    rows = {
        subject: [
            (case.title, case.verdict.value, f"[{case.rule}](#{case.rule.lower()})", case.reason) for case in cases
        ]
        for subject, cases in SUBJECTS.items()
    }
    return "\n\n".join(f"### {subject}\n\n{table(head, of_subject)}" for subject, of_subject in rows.items())


def _laws() -> str:
    return table(("law", "name", "statement"), ((law.id, law.name, law.statement) for law in LAWS))


def _types() -> str:
    rows = []
    for example in _EXAMPLES:
        stored = store_type(example)
        base = f"`{stored.base}`" if stored else "not stored by Yellow"
        rows.append((f"`{_written(example)}`", base, ", ".join(_accepted(example)) or "-"))
    return table(("model", "stored and compared as", "columns of the source that may fill it"), rows)


def _accepted(declared: types.DataType) -> Iterator[str]:
    stored = store_type(declared)
    if stored is None:
        return
    is_array, length = isinstance(declared, types.Array), getattr(declared, "length", None)
    digits = (declared.precision, declared.scale) if isinstance(declared, types.Decimal) else (None, None)
    for name in _SOURCES:
        if stored.accepts(SourceType(name, is_array, _LENGTHS.get(name, length), *digits, name)) is None:
            limit = "(n)" if length and name not in _LENGTHS else "(precision, scale)" if any(digits) else ""
            yield f"`{name}{limit}{'[]' if is_array else ''}`"


_MYSQL = (
    *(
        "tinyint(4)",
        "tinyint(1)",
        "tinyint unsigned",
        "smallint",
        "smallint unsigned",
        "mediumint",
        "mediumint unsigned",
    ),
    *(
        "int",
        "int unsigned",
        "bigint",
        "bigint unsigned",
        "decimal(precision, scale)",
        "float",
        "double",
        "bit(1)",
        "bit(8)",
    ),
    *("char(n)", "varchar(n)", "enum", "set", "tinytext", "text", "mediumtext", "longtext", "json"),
    *("binary(n)", "varbinary(n)", "blob", "longblob", "uuid", "char(36)", "inet6"),
    *("date", "time", "datetime", "timestamp", "year"),
)
"""Types that a column of MariaDB or MySQL may have."""

_UUID = "00000000-0000-4000-8000-000000000000"

_SQLITE_VALUES: Mapping[str, Sequence[object]] = {
    "INTEGER": (1,),
    "REAL": (1.0,),
    "TEXT": ("1", "a", "2024-02-29", "12:00:00", "2024-02-29 12:00:00", "2024-02-29 12:00:00Z", _UUID),
    "BLOB": (b"1", bytes(16)),
}
"""The kinds of values in SQLite, with values of each."""


def _other_types() -> str:
    rows = []
    for example in _EXAMPLES:
        if store_type(example) is None:
            continue
        mysql = [
            f"`{name}`" for name in _MYSQL if isinstance(mysql_types.reading(example, _mysql(name, example)), Reading)
        ]
        rows.append((f"`{_written(example)}`", ", ".join(mysql) or "-", *_sqlite(example)))
    return table(("model", "columns of MariaDB, MySQL", "values of SQLite", "not in columns of affinity"), rows)


def _mysql(declared: str, example: types.DataType) -> MySqlColumn:
    name = re.split(r"[ (]", declared)[0]
    lengths = {"tinytext": 255, "text": 65_535, "mediumtext": 2**24 - 1, "longtext": 2**32 - 1}
    length = 36 if declared == "char(36)" else lengths.get(name, getattr(example, "length", None))
    digits = (example.precision, example.scale) if isinstance(example, types.Decimal) else (None, None)
    return MySqlColumn(name, declared, length, digits[0] or 65, digits[1] or 0)


def _sqlite(example: types.DataType) -> tuple[str, str]:
    readings = {affinity: sqlite_types.reading(example, affinity) for affinity in sqlite_types.Affinity}
    read = next((how for how in readings.values() if isinstance(how, Reading)), None)
    if read is None:
        return "-", "-"
    kinds = [kind for kind, values in _SQLITE_VALUES.items() if any(_fits(read, value) for value in values)]
    refused = [affinity.value for affinity, how in readings.items() if not isinstance(how, Reading)]
    return ", ".join(kinds), ", ".join(refused) or "-"


def _fits(read: Reading, value: object) -> bool:
    try:
        read.convert(value)
    except Misfit:
        return False
    return True


def _written(example: types.DataType) -> str:
    """The constructor as an ``eco.py`` has it."""
    match example:
        case types.Char() | types.VarChar() | types.NVarChar():
            return f"{type(example).__name__}(n)"
        case types.Decimal(precision=int()):
            return "Decimal(precision, scale)"
        case types.Timestamp(timezone=True):
            return "Timestamp(timezone=True)"
        case types.Array():
            return "Array(Integer())"
        case types.Vector():
            return "Vector(n)"
        case _:
            return f"{type(example).__name__}()"


def _hooks() -> str:
    return table(
        ("hook", "gives", "what for"),
        (
            (
                f"`{hook.__name__}({', '.join(inspect.signature(hook).parameters)})`",
                f"`{_type_name(inspect.signature(hook).return_annotation)}`",
                _one_line(reference.words(hook)),
            )
            for hook in reference.HOOKS
        ),
    )


def _type_name(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"[\w.]+\.(?=\w)", "", text)


def _commands() -> str:
    rows = (
        (
            f"`{name}{''.join(f' [{argument.human_readable_name}]' for argument in _arguments(command))}`",
            command.get_short_help_str(limit=200),
            "<br>".join(_option(option) for option in _own_options(command)) or "-",
        )
        for name, command in _leaves(datasurface, "datasurface")
        if name.split()[1] in _OF_FILES or any("--environment" in option.opts for option in command.params)
    )
    return table(("command", "what it does", "options of its own"), rows)


def _command_reference() -> str:
    """Every command as its ``--help`` says it, but for those of other distributions' plugins."""
    ours = {path.name for path in (FOLDER.parent / "src").iterdir()}
    return "\n\n".join(
        _command(name, command)
        for name, command in _leaves(datasurface, "datasurface")
        if getattr(command.callback, "__module__", "").partition(".")[0] in ours
    )


def _command(name: str, command: click.Command) -> str:
    usage = " ".join([name, *command.collect_usage_pieces(click.Context(command, obj=Application()))])
    words = inspect.cleandoc(command.help or "").replace("\b\n", "").replace("\f", "")
    options = [_option_and_meaning(option) for option in command.params if isinstance(option, click.Option)]
    return f"### {name}\n\n```text\n{usage}\n```\n\n{words}\n\n{table(('option', 'meaning'), options)}"


def _flow() -> str:
    """The example as a flowchart."""
    model = load(FOLDER.parent / "examples" / "customer360", [YellowDataPlatform]).ecosystem
    if model is None:
        raise SystemExit("examples/customer360 does not load")
    return f"```mermaid\n{as_mermaid(flow(model))}```"


def _network() -> str:
    """Who is let to whom, as the policies of the example say that the page on Kubernetes has."""
    text = (FOLDER / "kubernetes.md").read_text(encoding="utf-8")
    told = tomllib.loads(text.partition("```toml\n# cluster.toml\n")[2].partition("```")[0])
    model = load(FOLDER.parent / "examples" / "customer360", [YellowDataPlatform]).ecosystem
    if model is None or model.control_database is None:
        raise SystemExit("examples/customer360 does not load")
    bound = Environment(containers=told["containers"]).bind(model)
    if bound.control_database is None:
        raise SystemExit("examples/customer360 has no control database")
    request = EmitRequest(bound, deployments(bound), bound.control_database, {}, told["kubernetes"])
    found = list(connections(site_of(request)))
    targets = list(dict.fromkeys(target for _, target, _ in found))
    lets = {(source, target): "yes" if is_allowed else "–" for source, target, is_allowed in found}
    rows = ([source, *(lets[source, target] for target in targets)] for source in dict.fromkeys(it[0] for it in found))
    return table(["from \\ to", *targets], rows)


def _settings_of(cls: type[AttrsInstance]) -> Callable[[], str]:
    """The keys of an emitter's table, as their class says them."""

    def rows() -> str:
        documented = (inspect.getdoc(cls) or "").partition("Attributes:\n")[2]
        meanings = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", documented, flags=re.MULTILINE)
        defaults = {each.name: each.default for each in fields(cls)}
        shown = {name: f"`{found}`" if isinstance(found, str | int | float) else "" for name, found in defaults.items()}
        return table(
            ("key", "without it", "what it says"),
            ((f"`{name}`", shown[name], _one_line(meaning)) for name, meaning in meanings),
        )

    return rows


def _metrics() -> str:
    return table(
        ("metric", "labels", "unit", "meaning"),
        ((f"`{it.name}`", ", ".join(f"`{label}`" for label in it.labels), it.unit, it.meaning) for it in METRICS),
    )


def _burn_rates() -> str:
    """With what each lets pass at the objective that there is without settings."""
    objective = PrometheusSettings().objective
    return table(
        ("windows", "burn rate", "late for more than", "used up of 30 days' allowance", "severity"),
        (
            (
                f"{burn.long} and {burn.short}",
                f"{burn.factor:g}",
                f"{100 * burn.threshold(objective):g} % of both",
                f"{burn.share} in {burn.long}",
                "page" if burn.is_urgent else "ticket",
            )
            for burn in BURNS
        ),
    )


def _options_of(name: str) -> Callable[[], str]:
    def rows() -> str:
        command = dict(_leaves(datasurface, "datasurface"))[f"datasurface {name}"]
        options = [option for option in command.params if isinstance(option, click.Option)]
        return table(("option", "meaning"), (_option_and_meaning(option) for option in options))

    return rows


def _leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """Every command below a group, by its words."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command, obj=Application())
    for word in command.list_commands(context):
        found = command.get_command(context, word)
        if found is not None:
            yield from _leaves(found, f"{name} {word}")


def _arguments(command: click.Command) -> list[click.Argument]:
    return [parameter for parameter in command.params if isinstance(parameter, click.Argument)]


def _own_options(command: click.Command) -> list[click.Option]:
    return [option for option in command.params if isinstance(option, click.Option) and not _SHARED & {*option.opts}]


def _option(option: click.Option) -> str:
    return ": ".join(_option_and_meaning(option))


def _option_and_meaning(option: click.Option) -> tuple[str, str]:
    value = "" if option.is_flag else f" {option.metavar or option.type.name.split()[0].upper()}"
    meaning = _one_line(option.help or "")
    if option.show_default:
        meaning += f" [default: {option.default}]"
    if option.required:
        meaning += " [required]"
    return f"`{option.opts[0]}{value}`", meaning


def _one_line(text: str) -> str:
    """A docstring's words as Markdown."""
    return " ".join(text.split()).replace("``", "`")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


_KINDS = {
    "contract": "the contract",
    "description": "its description",
    "server": "a server",
    "object": "a schema object",
    "property": "a schema property",
    "relationship": "a relationship",
    "sla": "a service level",
}


def _odcs_kept() -> str:
    rows = ((_KINDS[kind], f"`{name}`", becomes) for kind, fields in KEPT.items() for name, becomes in fields.items())
    return table(("of", "field", "in a model"), rows)


def _odcs_left_out() -> str:
    rows = ((_KINDS[kind], ", ".join(f"`{name}`" for name in sorted(names))) for kind, names in LEFT_OUT.items())
    return table(("of", "fields"), rows)


_PARTS: Mapping[str, Callable[[], str]] = {
    **{name: partial(reference.part, name) for name in reference.PARTS},
    "rules": _rules,
    "compatibility rules": _compatibility_rules,
    "type changes": _type_changes,
    "compatibility cases": _compatibility_cases,
    "laws": _laws,
    "types": _types,
    "other types": _other_types,
    "hooks": _hooks,
    "commands": _commands,
    "command reference": _command_reference,
    "odcs kept": _odcs_kept,
    "odcs left out": _odcs_left_out,
    "flow": _flow,
    "network": _network,
    "cluster settings": _settings_of(KubernetesSettings),
    "prometheus settings": _settings_of(PrometheusSettings),
    "grafana settings": _settings_of(GrafanaSettings),
    "metrics": _metrics,
    "burn rates": _burn_rates,
    "options simulate": _options_of("simulate"),
    "options demo": _options_of("demo"),
    "options monitor": _options_of("monitor"),
}

if __name__ == "__main__":
    sys.exit(main())
