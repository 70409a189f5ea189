"""Clones that are kept: brought up to date, shared by processes, mended, and never a place for secrets."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from datasurface.credentials import Credentials, EnvironmentVariables, Secret
from datasurface.deployment import Deployment, TransformerConfig
from datasurface.errors import CheckoutError, MissingCredential, NoSuchRevision, UsageError
from datasurface.model import Credential, DataPlatform, GitRepository, Milestoning, PostgresDatabase
from datasurface.operations.checkout import Repository, commit_of, model_folder
from datasurface.operations.code import opened, pinned
from datasurface.operations.git_login import login_variables
from tests.support.git import git
from tests.unit.operations.test_checkout import commit

pytestmark = pytest.mark.slow


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("DATASURFACE_CACHE", str(folder))
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    git(tmp_path, "init", "--quiet", "-b", "main", "model")
    commit(folder, "first")
    return folder


def text_of(source: Repository) -> str:
    with model_folder(source) as folder:
        return (folder.path / "eco.py").read_text(encoding="utf-8")


def clones(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.git"))


def test_a_clone_is_kept_and_follows_its_origin(repository: Path, cache: Path) -> None:
    source = Repository(str(repository), "main")
    assert text_of(source) == "first"
    [clone] = clones(cache)
    second = commit(repository, "second")
    assert (text_of(source), commit_of(source)) == ("second", second)
    assert clones(cache) == [clone]


def test_what_the_origin_gave_up_is_no_revision_any_more(repository: Path, cache: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "next")
    given_up = commit(repository, "second")
    assert commit_of(Repository(str(repository), given_up)) == given_up
    git(repository, "checkout", "--quiet", "main")
    git(repository, "branch", "--quiet", "-D", "next")
    for revision in ("next", given_up):
        with pytest.raises(NoSuchRevision):
            commit_of(Repository(str(repository), revision))
    assert commit_of(Repository(str(repository), first)) == first


@pytest.mark.parametrize("revision", ["HEAD", "HEAD~1", "main~1"])
def test_revisions_relative_to_the_origin_are_found(repository: Path, cache: Path, revision: str) -> None:
    commit(repository, "second")
    assert commit_of(Repository(str(repository), revision)) == git(repository, "rev-parse", revision)


def test_a_repository_whose_usual_branch_was_never_pushed_has_its_others(repository: Path, cache: Path) -> None:
    git(repository, "symbolic-ref", "HEAD", "refs/heads/nothing")
    assert text_of(Repository(str(repository), "main")) == "first"


def test_a_shallow_repository_is_read_and_its_clone_not_trusted(repository: Path, tmp_path: Path, cache: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    commit(repository, "second")
    git(tmp_path, "clone", "--quiet", "--depth=1", repository.as_uri(), "shallow")
    source = Repository(str(tmp_path / "shallow"), "main")
    assert text_of(source) == "second"
    git(tmp_path / "shallow", "fetch", "--quiet", "--unshallow")
    assert commit_of(Repository(source.url, first)) == first


@pytest.mark.parametrize("broken", ["HEAD", "objects", "config"])
def test_a_damaged_clone_is_made_anew(repository: Path, cache: Path, broken: str) -> None:
    source = Repository(str(repository), "main")
    text_of(source)
    [clone] = clones(cache)
    if (clone / broken).is_dir():
        shutil.rmtree(clone / broken)
        (clone / broken).mkdir()
    else:
        (clone / broken).write_bytes(b"\0[")
    assert text_of(source) == "first"
    assert text_of(source) == "first"


def test_a_repository_that_cannot_be_cloned_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(CheckoutError):
        text_of(Repository(str(tmp_path / "nowhere"), "main"))
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_without_a_folder_for_clones_one_is_made_for_the_command(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("DATASURFACE_CACHE", str(tmp_path / "file" / "cache"))
    assert text_of(Repository(str(repository), "main")) == "first"


def test_many_at_once_get_what_they_asked_for(repository: Path, cache: Path) -> None:
    commits = [git(repository, "rev-parse", "HEAD"), *(commit(repository, str(number)) for number in range(3))]
    with ThreadPoolExecutor(8) as together:
        sources = [Repository(str(repository), each) for each in commits * 4]
        assert list(together.map(text_of, sources)) == ["first", "0", "1", "2"] * 4
    assert len(clones(cache)) == 1


HOLDS = """
import sys, time
from pathlib import Path
from datasurface.operations.clone_cache import Origin, with_clone
with_clone(Origin(sys.argv[1], "model"), lambda _: (print("held", flush=True), time.sleep(60)))
"""


def test_a_process_that_is_killed_keeps_no_other_out(repository: Path, cache: Path) -> None:
    words = [sys.executable, "-c", HOLDS, str(repository)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    assert text_of(Repository(str(repository), "main")) == "first"


class Guarded(SimpleHTTPRequestHandler):
    """Serves a folder to whoever has the token."""

    seen: "list[str | None]"

    def do_GET(self) -> None:
        sent = self.headers.get("Authorization")
        self.seen.append(sent)
        if sent == "Basic cm9ib3Q6aHVudGVyMg==":  # robot:hunter2
            super().do_GET()
            return
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the requests are what the test looks at."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL of a folder that is served to whoever has the token."""
    handler = type("Handler", (Guarded,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), lambda *words: handler(*words, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_token_lets_git_in_and_stands_nowhere(repository: Path, tmp_path: Path, cache: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "served/model.git")
    git(tmp_path / "served" / "model.git", "update-server-info")
    home = tmp_path / "home"
    home.mkdir()
    config = tmp_path / "config"
    config.write_text(f"[credential]\n\thelper = store --file={home / 'secrets'}\n", encoding="utf-8")
    with served(tmp_path / "served") as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        with pytest.raises(CheckoutError, match="cannot be cloned"):
            text_of(Repository(f"{url}/model.git", "main"))
        with pytest.raises(CheckoutError, match="cannot be cloned"):
            text_of(Repository(f"{url}/model.git", "main", Secret("robot", token="wrong")))
        assert text_of(Repository(f"{url}/model.git", "main", Secret("robot", token="hunter2"))) == "first"
    kept = [path for path in (*cache.rglob("*"), *home.rglob("*")) if path.is_file()]
    assert kept
    assert not [path for path in kept if b"hunter2" in path.read_bytes()]
    assert not (home / "secrets").exists()


def test_a_transformers_code_is_had_by_the_credential_that_it_names(
    repository: Path, tmp_path: Path, cache: Path
) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "served/code.git")
    git(tmp_path / "served" / "code.git", "update-server-info")
    variables = {"CODE_READER_USER": "robot", "CODE_READER_TOKEN": "hunter2", "OTHER_TOKEN": "wrong"}
    credentials = Credentials([EnvironmentVariables(variables)])

    def of(url: str, credential: str | None) -> Deployment:
        config = TransformerConfig(
            "Mask",
            "Masking",
            GitRepository(url),
            "eco:f",
            "Masked",
            PostgresDatabase("Out", host="h", database="out"),
            outputs=(),
            credential=None,
            path="",
            code_credential=None if credential is None else Credential(credential),
        )
        platform = DataPlatform("P", milestoning=Milestoning.LIVE_ONLY, schedule="0 3 * * *")
        return Deployment("E", platform, (), (), transformers=(config,))

    with served(tmp_path / "served") as url:
        for name in (None, "other"):
            with pytest.raises(CheckoutError, match=r"the code of transformer Mask: .* cannot be cloned"):
                pinned([of(f"{url}/code.git", name)], credentials)
        with pytest.raises(MissingCredential, match="no secret for credential 'nobodys'"):
            pinned([of(f"{url}/code.git", "nobodys")], credentials)
        [found] = pinned([of(f"{url}/code.git", "code-reader")], credentials)
        [config] = found.transformers
        assert config.commit == git(repository, "rev-parse", "main")
        shutil.rmtree(cache)
        with opened(config, credentials) as folder:
            assert (folder / "eco.py").read_text(encoding="utf-8") == "first"
            assert not [
                path
                for path in (*cache.rglob("*"), *folder.rglob("*"))
                if path.is_file() and b"hunter2" in path.read_bytes()
            ]
    with pytest.raises(CheckoutError, match="not opened with a credential"):
        pinned([of("git@example.com:acme/code", "code-reader")], credentials)


SECRET = Secret("robot", token="hunter2")


def test_a_secret_is_in_no_argument_and_the_settings_of_others_stay() -> None:
    found = login_variables("https://somebody@git.acme.com:8443/m", "m", SECRET, {"GIT_CONFIG_COUNT": "1"})
    assert [name for name, value in found.items() if "hunter2" in value] == ["DATASURFACE_GIT_SECRET"]
    assert found["GIT_CONFIG_COUNT"] == "3"
    assert {found[f"GIT_CONFIG_KEY_{n}"] for n in (1, 2)} == {"credential.https://git.acme.com:8443.helper"}


@pytest.mark.parametrize("url", ["http://git.acme.com/m", "git@git.acme.com:m", "ssh://git@git.acme.com/m", "/srv/m"])
def test_a_secret_is_not_sent_where_it_could_be_read_or_is_no_use(url: str) -> None:
    with pytest.raises(UsageError, match="not opened with a credential"):
        login_variables(url, url, SECRET)


@pytest.mark.parametrize("secret", [Secret("robot"), Secret("robot", token="a\nb"), Secret("a\nb", token="c")])
def test_a_secret_that_git_does_not_take_is_refused_and_not_repeated(secret: Secret) -> None:
    with pytest.raises(UsageError, match="in one line") as refused:
        login_variables("https://git.acme.com/m", "m", secret)
    assert "a\nb" not in refused.value.message


@pytest.mark.parametrize(
    ("user", "url", "expected"),
    [
        ("robot", "https://u@h/m", "robot"),
        (None, "https://u%40x@h/m", "u@x"),
        (None, "https://h/m", "x-access-token"),
    ],
)
def test_who_logs_in(user: str | None, url: str, expected: str) -> None:
    assert login_variables(url, url, Secret(user, token="t"), os.environ)["DATASURFACE_GIT_USER"] == expected
