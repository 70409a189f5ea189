"""The words of the command: what is refused before anything is connected."""

import subprocess
import sys
from pathlib import Path

import pytest

from datasurface.errors import UsageError
from datasurface_yellow.simulator.__main__ import main
from datasurface_yellow.simulator.changes import ChangeKind
from datasurface_yellow.simulator.options import SimulatorOptions
from datasurface_yellow.simulator.target import Target


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--no-such-option"], "No such option"),
        (["surplus"], "unexpected extra argument"),
        (["--max-changes", "many"], "not a valid integer"),
        (["--max-changes", "-1"], "not in the range"),
        (["--port", "0"], "not in the range"),
        (["--min-interval", "2", "--max-interval", "1"], "no pause lies between 2.0 and 1.0 seconds"),
        (["--min-interval", "-1"], "no pause lies between -1.0"),
        (["--max-interval", "nan"], "no pause lies between 1.0 and nan"),
        (["--max-interval", "inf"], "no pause lies between 1.0 and inf"),
        (["--seed", "x"], "not a valid integer"),
        (["--weight", "address-delete"], "is not KIND=WEIGHT"),
        (["--weight", "customer-delete=1"], "the kinds are new-customer, customer-update"),
        (["--weight", "address-delete=-1"], "a weight is negative"),
        (["--weight", "address-delete=nan"], "a weight is negative or not finite"),
        (["--password-file", "/no/such/file"], "does not exist"),
        (["--url", "postgresql://u@h/d", "--host", "h"], "exclude each other"),
        (["--url", "mysql://u@h/d"], "no PostgreSQL URL"),
        (["--url", "postgresql://u@h/d?nonsense=1"], "cannot be read"),
    ],
)
def test_wrong_words_exit_with_64_and_say_what_is_wrong(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 64

    captured = capsys.readouterr()
    assert says in " ".join(captured.err.split())
    assert captured.out == ""


@pytest.mark.parametrize(
    "url",
    ["postgresql://u:tops3cret@h/d", "postgresql://u@h/d?password=tops3cret", "postgresql://u:tops3cret%@h/d"],
)
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", url]) == 64

    assert "tops3cret" not in capsys.readouterr().err


def test_help_exits_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0

    assert "--max-changes" in capsys.readouterr().out


def test_the_password_comes_from_the_file_else_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = Target.from_url("postgresql://u@h:6000/d")
    file = tmp_path / "password"
    file.write_text("from file \n", encoding="utf-8")
    monkeypatch.setenv("CUSTOMER_DB_PASSWORD", "from environment")

    assert target.with_password_from(file).password == "from file "
    assert target.with_password_from(None).password == "from environment"
    monkeypatch.delenv("CUSTOMER_DB_PASSWORD")
    assert target.with_password_from(None).password is None


def test_a_target_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_DB_PASSWORD", "tops3cret")
    target = Target.from_url("postgres://u@h:6000/d").with_password_from(None)

    assert str(target) == "d at h:6000"
    assert "tops3cret" not in repr(target)


def test_what_is_not_given_is_the_customer_database_on_this_machine() -> None:
    assert str(Target.from_parts(host=None, port=None)) == "customer_db at localhost:5432"
    assert str(Target.from_url("postgresql://db.example.com")) == "customer_db at db.example.com:5432"


def test_options_refuse_a_negative_number_of_changes() -> None:
    with pytest.raises(UsageError, match="-1 is no number of changes"):
        SimulatorOptions(max_changes=-1)


def test_seeds_that_nobody_chose_differ() -> None:
    assert len({SimulatorOptions().seed for _ in range(5)}) > 1


def test_the_weights_that_are_not_named_keep_their_default() -> None:
    assert set(SimulatorOptions().weights) == set(ChangeKind)


def test_the_command_loads_without_driver_and_data() -> None:
    code = (
        "import sys; import datasurface_yellow.simulator.command; "
        "print(sorted({'psycopg2', 'mimesis', 'sqlalchemy'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("missing", ["psycopg2", "mimesis"])
def test_without_the_extra_the_error_names_it(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None; "
        "from datasurface_yellow.simulator.__main__ import main; sys.exit(main([]))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "pip install 'datasurface[demo]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", ["psycopg2", "mimesis", "jinja2"])
def test_the_demonstration_names_the_one_extra_that_brings_all_it_needs(missing: str) -> None:
    program = f"import sys; sys.modules[{missing!r}] = None; from datasurface.cli.main import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", program, "demo"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "error: the demonstration needs the extra 'demo'\nhint: pip install 'datasurface[demo]'\n"
