"""Mistakes in the code of a model: python or the model's classes refuse it, or it does not end as it should."""

from functools import partial

from tests.unit.mistakes.mistake import BASE, ECO, MAPPING, Mistake, edited, in_file, line_of

eco = partial(in_file, ECO)

NEVER_ENDS = 3.0
"""Seconds given to a model that never ends: enough to come to the loop on a busy machine."""
START = "def create_ecosystem() -> Ecosystem:\n"
TOP = "# The producer:"
EMAIL = 'Column("email", VarChar(100), classification=PII)'


def starting_with(code: str) -> tuple[str, str]:
    """The edit that puts lines at the beginning of create_ecosystem."""
    return START, START + "".join(f"    {line}\n" for line in code.splitlines())


CASES = (
    Mistake("no eco.py", {MAPPING: BASE[MAPPING]}, "DS001", ECO, 1, hint="name the folder"),
    eco("syntax error", "DS002", ('"CustomerDB", host', '"CustomerDB" host'), at='"CustomerDB" host'),
    Mistake(
        "syntax error in a neighbour",
        {**BASE, ECO: "import neighbour\n" + BASE[ECO], "neighbour.py": "x = 1\ny = = 2\n"},
        "DS002",
        "neighbour.py",
        2,
    ),
    Mistake(
        "not UTF-8",
        {**BASE, ECO: BASE[ECO].replace("Who buys from us", "Käufer").encode("latin-1")},
        "DS002",
        ECO,
        line_of(BASE[ECO], "Who buys from us"),
    ),
    eco(
        "missing module",
        "DS003",
        (TOP, "import pandsa_tools\n" + TOP),
        at="import pandsa_tools",
        hint="pandsa_tools.py",
    ),
    eco(
        "misspelt module",
        "DS003",
        ("from datasurface.types", "from datasurfce.types"),
        at="from datasurfce",
        hint="did you mean 'datasurface'?",
    ),
    eco(
        "misspelt import",
        "DS003",
        ("import Date, VarChar", "import Date, Varchar"),
        at="import Date, Varchar",
        hint="did you mean 'VarChar'?",
    ),
    eco("exception at import", "DS004", (TOP, 'years = {"years": 7}["days"]\n' + TOP), at="years = {"),
    eco("exception in create_ecosystem", "DS004", starting_with("1 / 0"), at="1 / 0", hint="the whole traceback"),
    Mistake(
        "exception in a neighbour's function",
        {
            **BASE,
            ECO: edited(ECO, starting_with("from parts.checks import check\ncheck()")),
            "parts/checks.py": "def check() -> None:\n    raise RuntimeError('not today')\n",
        },
        "DS004",
        "parts/checks.py",
        2,
    ),
    eco(
        "a secret of the environment is asked for",
        "DS004",
        starting_with('import os\nos.environ["CUSTOMER_DB_READER_PASSWORD"]'),
        at='os.environ["',
    ),
    eco(
        "misspelt name",
        "DS004",
        ("platforms=[yellow_live,", "platforms=[yelow_live,"),
        at="platforms=[yelow",
        hint="did you mean 'yellow_live'?",
    ),
    eco(
        "misspelt argument",
        "DS004",
        (EMAIL, EMAIL.replace("classification", "clasification")),
        at='Column("email"',
        hint="did you mean 'classification'?",
    ),
    eco(
        "endless recursion",
        "DS004",
        (TOP, "def again():\n    again()  # and again\n\nagain()\n" + TOP),
        at="    again()  #",
    ),
    eco(
        "an exception that cannot be shown",
        "DS004",
        starting_with("class Odd(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Odd"),
        at="raise Odd",
    ),
    eco(
        "a string for a type", "DS005", (EMAIL, 'Column("email", "VarChar(100)")'), at='Column("email"', hint="DataType"
    ),
    eco(
        "a string for a length",
        "DS005",
        (EMAIL, 'Column("email", VarChar("100"))'),
        at='Column("email"',
        hint="as in VarChar(1)",
    ),
    eco("an empty name", "DS005", ('    "Store1",', '    "",'), at="store1 = Datastore("),
    eco(
        "a nullable key",
        "DS005",
        (EMAIL, 'Column("email", VarChar(9), primary_key=True, nullable=True)'),
        at='Column("email"',
    ),
    eco(
        "create_ecosystem misspelt",
        "DS006",
        (START, "def create_ecosytem() -> Ecosystem:\n"),
        at='"""Customer 360',
        hint="did you mean 'create_ecosytem'?",
    ),
    eco(
        "create_ecosystem is no function",
        "DS006",
        (START, "create_ecosystem = 360\n\ndef other() -> Ecosystem:\n"),
        at="create_ecosystem = 360",
    ),
    eco(
        "create_ecosystem wants arguments",
        "DS006",
        (START, "def create_ecosystem(name: str) -> Ecosystem:\n"),
        at="def create_ecosystem(",
    ),
    eco(
        "create_ecosystem returns nothing",
        "DS007",
        ("    return Ecosystem(", "    Ecosystem("),
        at="def create_ecosystem(",
        hint="return",
    ),
    eco("create_ecosystem returns a dict", "DS007", starting_with("return {}"), at="def create_ecosystem("),
    eco("create_ecosystem is a coroutine", "DS007", (START, "async " + START), at="async def create_ecosystem("),
    eco(
        "assignments in the code",
        "DS007",
        (
            '        "Customer360",\n',
            '        "Customer360",\n        assignments=[GroupAssignments("Consumer1", "LiveDSG", assignments=[])],\n',
        ),
        (
            "from datasurface.classification",
            "from datasurface.model import GroupAssignments\nfrom datasurface.classification",
        ),
        at="assignments=[GroupAssignments",
        hint="dsg_platform_mapping.json",
    ),
    eco("endless loop at import", "DS008", (TOP, "while True: ...\n" + TOP), at="while True", timeout=NEVER_ENDS),
    eco(
        "waits for ever",
        "DS008",
        starting_with("import threading\nthreading.Event().wait()"),
        at="threading.Event()",
        timeout=NEVER_ENDS,
    ),
    eco("sys.exit", "DS009", starting_with("import sys\nsys.exit(3)"), at="sys.exit(3)"),
    eco("os._exit", "DS009", starting_with("import os\nos._exit(0)"), at="os._exit(0)"),
    eco(
        "crash of the interpreter", "DS009", starting_with("import ctypes\nctypes.string_at(0)"), at="ctypes.string_at"
    ),
    eco(
        "killed",
        "DS009",
        starting_with("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"),
        at='"""Customer 360',
    ),
    eco("too much memory", "DS010", starting_with("rows = bytearray(1 << 40)"), at="rows = "),
    eco(
        "a class of one's own",
        "DS011",
        (TOP, "class Table(Dataset):\n    pass\n\n\n" + TOP),
        ("addresses = Dataset(", "addresses = Table("),
        at="addresses = Table(",
        hint="use Dataset itself",
    ),
)
