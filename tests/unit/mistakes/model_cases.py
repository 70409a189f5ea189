"""Mistakes in a model that python has nothing against."""

from functools import partial

from tests.unit.mistakes.mistake import ECO, in_file

eco = partial(in_file, ECO)

SINKS = 'sinks=store1.sinks("customers", "addresses"),\n'
LIVE_SINKS = f'"LiveDSG",\n            {SINKS}'
KEY = '        Column("id", VarChar(20), primary_key=True, classification=PUBLIC),\n'
ADDRESS_KEY = KEY + '        Column("customerId"'
EMAIL = '        Column("email", VarChar(100), classification=PII),\n'
MORE_EMAIL = f'{EMAIL}        Column("%s", VarChar(100), classification=PII),\n'
TO_CUSTOMERS = 'ForeignKey(["customerId"], "customers")'
CAPTURE = "capture=SqlSnapshot(customer_db)"
CUSTOMER_DB = (
    '"CustomerDB", host="localhost", port=5432, database="customer_db", credential=Credential("customer-db-reader")'
)
CONTROL = "        control_database=control_store,\n"
SINK = "from datasurface import (\n", "from datasurface import (\n    DatasetSink,\n"
ADDRESS_SEEN = (
    ADDRESS_KEY,
    ADDRESS_KEY.replace(
        '        Column("customerId"',
        '        Column("seen", Date(), classification=PUBLIC),\n        Column("customerId"',
    ),
)
BY_WATERMARK = 'capture=SqlWatermark(customer_db, column={"customers": "%s", "addresses": "%s"}, window=timedelta(%s))'
WATERMARK = "    SqlSnapshot,\n", "    SqlSnapshot,\n    SqlWatermark,\n"
ANOTHER = 'datastores=[store1, Datastore("%s", capture=store1.capture, datasets=[%s])]'


def live_sinks(sinks: str) -> tuple[str, str]:
    """The edit that gives LiveDSG other sinks."""
    return LIVE_SINKS, LIVE_SINKS.replace('store1.sinks("customers", "addresses")', sinks)


def another_store(name: str, datasets: str = "customers, addresses") -> tuple[str, str]:
    """The edit that gives the team a second datastore."""
    return "datastores=[store1]", ANOTHER % (name, datasets)


CASES = (
    eco("a store twice", "DS101", another_store("Store1"), at='Datastore("Store1"'),
    eco(
        "a column twice",
        "DS101",
        (EMAIL, MORE_EMAIL % "email"),
        at='Column("email", VarChar(100), classification=PII),\n        Column("phone"',
    ),
    eco("stores that differ in case", "DS102", another_store("STORE1"), at='Datastore("STORE1"'),
    eco("a name with a hyphen", "DS103", another_store("Store-2"), at='Datastore("Store-2"'),
    eco("a column name of 64 bytes", "DS104", (EMAIL, MORE_EMAIL % ("x" * 64)), at=f'Column("{"x" * 64}"'),
    eco("a column name of the platforms", "DS105", (EMAIL, MORE_EMAIL % "ds_surf_hash"), at='Column("ds_surf_hash"'),
    eco(
        "a column that was renamed from one that is there",
        "DS106",
        (EMAIL, EMAIL.replace(", classification", ', renamed_from="phone", classification')),
        at='Column("email"',
    ),
    eco("no columns", "DS201", another_store("Store2", 'Dataset("empty", columns=[])'), at='Datastore("Store2"'),
    eco(
        "no primary key",
        "DS202",
        (ADDRESS_KEY, ADDRESS_KEY.replace("primary_key=True", "nullable=False")),
        at="addresses = Dataset(",
    ),
    eco(
        "a key of text without limit",
        "DS203",
        (ADDRESS_KEY, ADDRESS_KEY.replace("VarChar(20)", "Text()")),
        ("import Date, VarChar", "import Date, Text, VarChar"),
        at='Column("id", Text()',
    ),
    eco(
        "a key too long for an index",
        "DS204",
        (ADDRESS_KEY, ADDRESS_KEY.replace("VarChar(20)", "VarChar(651)")),
        at="addresses = Dataset(",
    ),
    eco(
        "a foreign key to an unknown dataset",
        "DS205",
        (TO_CUSTOMERS, 'ForeignKey(["customerId"], "customer")'),
        at='ForeignKey(["customerId"]',
        hint="did you mean 'customers'?",
    ),
    eco(
        "a foreign key of an unknown column",
        "DS206",
        (TO_CUSTOMERS, 'ForeignKey(["customerID"], "customers")'),
        at='ForeignKey(["customerID"]',
        hint="did you mean 'customerId'?",
    ),
    eco(
        "a foreign key of two columns to a key of one",
        "DS207",
        (TO_CUSTOMERS, 'ForeignKey(["customerId", "city"], "customers")'),
        at='ForeignKey(["customerId"',
    ),
    eco(
        "a foreign key of another type",
        "DS207",
        ('Column("customerId", VarChar(20)', 'Column("customerId", Date()'),
        at=TO_CUSTOMERS,
    ),
    eco(
        "a table for an unknown dataset",
        "DS208",
        (CAPTURE, 'capture=SqlSnapshot(customer_db, tables={"adresses": "addr"})'),
        at="capture=SqlSnapshot",
        hint="did you mean 'addresses'?",
    ),
    eco(
        "a watermark that is no column",
        "DS209",
        (CAPTURE, BY_WATERMARK % ("dbo", "seen", "days=2")),
        WATERMARK,
        ADDRESS_SEEN,
        at="capture=SqlWatermark",
        hint="did you mean 'dob'?",
    ),
    eco(
        "a watermark of text",
        "DS210",
        (CAPTURE, BY_WATERMARK % ("email", "seen", "days=2")),
        WATERMARK,
        ADDRESS_SEEN,
        at='Column("email"',
    ),
    eco(
        "a window of minutes for a date",
        "DS211",
        (CAPTURE, BY_WATERMARK % ("dob", "seenAt", "hours=6")),
        WATERMARK,
        (ADDRESS_SEEN[0], ADDRESS_SEEN[1].replace('"seen", Date()', '"seenAt", Timestamp()')),
        ("import Date, VarChar", "import Date, Timestamp, VarChar"),
        at="capture=SqlWatermark",
        hint="whole days",
    ),
    eco(
        "new columns that are filled by a watermark",
        "DS212",
        (CAPTURE, BY_WATERMARK % ("dob", "seen", "days=2")),
        WATERMARK,
        ADDRESS_SEEN,
        ("    Milestoning,\n", "    Milestoning,\n    OnAdd,\n"),
        ('    "customers",\n', '    "customers",\n    on_add=OnAdd.BACKFILL,\n'),
        at="customers = Dataset(",
        hint="SqlSnapshot",
    ),
    eco(
        "a sink from an unknown store",
        "DS301",
        live_sinks('[DatasetSink("Store2", "customers")]'),
        SINK,
        at='sinks=[DatasetSink("Store2"',
        hint="did you mean 'Store1'?",
    ),
    eco(
        "a sink of an unknown dataset",
        "DS302",
        live_sinks('store1.sinks("customers", "adresses")'),
        at='sinks=store1.sinks("customers", "adresses")',
        hint="did you mean 'addresses'?",
    ),
    eco(
        "a dataset sunk twice",
        "DS303",
        live_sinks('store1.sinks("customers", "customers")'),
        at='sinks=store1.sinks("customers", "customers")',
    ),
    eco("a group without sinks", "DS304", live_sinks("[]"), at='DatasetGroup(\n            "LiveDSG"'),
    eco(
        "two views of one name",
        "DS305",
        another_store("Store2"),
        live_sinks('[*store1.sinks(), DatasetSink("Store2", "addresses")]'),
        SINK,
        at="sinks=[*store1.sinks()",
        hint="name=",
    ),
    eco(
        "a schedule that is none",
        "DS501",
        ('schedule="*/10 * * * *"', 'schedule="*/10 * * *"'),
        at="yellow_forensic = Yellow",
    ),
    eco(
        "an unknown time zone",
        "DS501",
        ('schedule="*/10 * * * *",', 'schedule="*/10 * * * *",\n    timezone="Europe/Zurick",'),
        at="yellow_forensic = Yellow",
    ),
    eco("no credential", "DS601", (CUSTOMER_DB, CUSTOMER_DB.rpartition(", ")[0]), at="customer_db = PostgresDatabase("),
    eco(
        "a password for a credential",
        "DS602",
        ('Credential("customer-db-reader")', 'Credential("tops3cret!")'),
        at='"CustomerDB", host',
    ),
    eco(
        "a password in a host",
        "DS602",
        (CUSTOMER_DB, CUSTOMER_DB.replace("localhost", "reader:pw@localhost")),
        at="customer_db = PostgresDatabase(",
    ),
    eco(
        "a token in a repository's URL",
        "DS602",
        ('GitRepository("acme/team1")', 'GitRepository("https://x:abc@git.acme/team1")'),
        at='repository=GitRepository("https://x',
    ),
    eco("an unclassified column", "DS701", (EMAIL, EMAIL.replace(", classification=PII", "")), at='Column("email"'),
    eco("no control database", "DS801", (CONTROL, ""), at="return Ecosystem("),
    eco(
        "an unknown location",
        "DS802",
        (CUSTOMER_DB, CUSTOMER_DB + ', location="Azure/Dublin"'),
        at="customer_db = PostgresDatabase(",
    ),
    eco(
        "two databases of one name",
        "DS803",
        ('"ForensicStore"', '"LiveStore"'),
        at="forensic_store = PostgresDatabase(",
    ),
)
