"""The tables of the producer, and its first rows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection

from datasurface_yellow.simulator.changes import ADDRESSES, CUSTOMERS
from datasurface_yellow.simulator.database import read_snapshot
from datasurface_yellow.simulator.errors import SimulatorError
from datasurface_yellow.simulator.producer import create_producer
from tests.support.databases import Database, MakeDatabase


def create(database: Database) -> None:
    with closing(psycopg2.connect(database.url)) as connection:
        create_producer(connection)


def execute(connection: Connection, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.short
def test_a_new_producer_has_5_customers_and_8_addresses_in_several_cities(connection: Connection) -> None:
    seed = read_snapshot(connection)

    assert len(seed[CUSTOMERS]) == 5
    assert len(seed[ADDRESSES]) == 8
    assert len({row["city"] for row in seed[ADDRESSES].values()}) >= 5
    assert all(
        seed[ADDRESSES][str(row["primaryAddressId"])]["customerId"] == key for key, row in seed[CUSTOMERS].items()
    )


def test_creating_again_leaves_changed_and_deleted_rows_as_they_are(producer: Database, connection: Connection) -> None:
    execute(connection, """UPDATE public.customers SET "lastName" = 'Lovelace' WHERE id = 'C1001'""")
    execute(connection, """UPDATE public.customers SET "billingAddressId" = NULL WHERE id = 'C1005'""")
    execute(connection, "DELETE FROM public.addresses WHERE id = 'A2008'")
    before = read_snapshot(connection)

    create(producer)

    assert read_snapshot(connection) == before


def test_seed_rows_do_not_join_customers_that_are_there_already(make_database: MakeDatabase) -> None:
    database = make_database("customer_db")
    create(database)
    with closing(psycopg2.connect(database.url)) as connection:
        execute(connection, "TRUNCATE public.customers, public.addresses")
        execute(connection, "INSERT INTO public.customers VALUES ('C1', 'Ada', 'Byron', '1985-12-10')")
        connection.commit()

        create(database)

        assert [set(rows) for rows in read_snapshot(connection).values()] == [{"C1"}, set()]


def test_two_who_create_at_once_make_one_producer(make_database: MakeDatabase) -> None:
    database = make_database("customer_db")

    with ThreadPoolExecutor() as pool:
        list(pool.map(create, [database] * 4))

    with closing(psycopg2.connect(database.url)) as connection:
        assert [len(rows) for rows in read_snapshot(connection).values()] == [5, 8]


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("""UPDATE addresses SET "customerId" = 'C9' WHERE id = 'A2001'""", "addresses_customer_fkey"),
        ("""UPDATE customers SET "primaryAddressId" = 'A9' WHERE id = 'C1001'""", "customers_primary_address_fkey"),
        ("""UPDATE customers SET "billingAddressId" = 'A9' WHERE id = 'C1001'""", "customers_billing_address_fkey"),
        ("DELETE FROM addresses WHERE id = 'A2001'", "customers_primary_address_fkey"),
        ("DELETE FROM customers WHERE id = 'C1001'", "addresses_customer_fkey"),
        ("UPDATE customers SET id = 'C1002' WHERE id = 'C1001'", "customers_pkey"),
        ("INSERT INTO customers VALUES ('', 'A', 'B', '2000-01-01')", "customers_id_filled"),
        ("""UPDATE customers SET "firstName" = ' '""", "customers_name_filled"),
        ("UPDATE customers SET dob = '1899-12-31'", "customers_dob_plausible"),
        ("UPDATE customers SET email = 'nobody'", "customers_email_form"),
        ("INSERT INTO addresses VALUES ('', 'C1001', 'S', 'C', 'T', '78701')", "addresses_id_filled"),
        ("UPDATE addresses SET city = ''", "addresses_place_filled"),
        ("""UPDATE addresses SET "zipCode" = '7870'""", "addresses_zip_form"),
    ],
)
def test_rows_that_make_no_sense_are_refused(connection: Connection, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg2.IntegrityError) as caught:
        execute(connection, statement)

    assert caught.value.diag.constraint_name == constraint


def test_customer_and_address_that_point_to_each_other_go_in_together(connection: Connection) -> None:
    execute(
        connection,
        """
        BEGIN;
        INSERT INTO customers VALUES ('C1', 'Ada', 'Byron', '1985-12-10', NULL, NULL, 'A1', 'A1');
        INSERT INTO addresses VALUES ('A1', 'C1', '1 Main Street', 'Austin', 'Texas', '78701-0001');
        COMMIT;
        """,
    )

    assert read_snapshot(connection)[CUSTOMERS]["C1"]["primaryAddressId"] == "A1"


def test_every_foreign_key_has_an_index(connection: Connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.conname,
                   EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])
            FROM pg_constraint AS c
            WHERE c.contype = 'f'
            """
        )
        indexed = dict(cursor.fetchall())

    assert indexed == dict.fromkeys(
        ["addresses_customer_fkey", "customers_primary_address_fkey", "customers_billing_address_fkey"], True
    )


def test_a_database_with_other_tables_of_these_names_is_refused(make_database: MakeDatabase) -> None:
    database = make_database("other")
    with closing(psycopg2.connect(database.url)) as connection:
        execute(connection, "CREATE TABLE public.customers (number int)")
        connection.commit()

        with pytest.raises(SimulatorError, match="cannot create the producer's tables: ") as caught:
            create_producer(connection)

        assert caught.value.hint
        with pytest.raises(psycopg2.errors.UndefinedTable):
            execute(connection, "SELECT FROM public.addresses")
