"""Addresses of git repositories: which of them are one, and which only look so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.git_url import normal_form, split_branch, without_user

SAME = [
    [
        "acme/model",
        "Acme/Model/",
        "https://github.com/acme/model",
        "https://github.com/acme/model.git",
        "https://GitHub.com/acme/model/",
        "https://github.com:443/acme/model.git/",
        "https://somebody:token@github.com/acme/model",
        "http://github.com/acme/model",
        "git@github.com:acme/model.git",
        "git@GITHUB.com:/acme/model",
        "github.com:acme/model",
        "ssh://git@github.com/acme/model",
        "ssh://git@github.com:22/acme/model.git",
        "git+ssh://github.com/acme/model",
        "https://github.com/acme/x/../model",
        "https://github.com/acme/%6dodel",
    ],
    ["https://git.acme.com/Data/model.git", "git@Git.Acme.com:Data/model", "ssh://me@git.acme.com/Data/model/"],
    ["ssh://git@git.acme.com:2222/data/model", "ssh://git.acme.com:2222/data/model.git"],
    ["/srv/git/model.git", "/srv/git/model.git/", "file:///srv/git/model.git", "file://localhost/srv/git/./model.git"],
    ["me@host:model", "ssh://host/~me/model"],
    ["../model", ".././model/"],
]

DIFFERENT = [
    ("acme/model", "acme/models"),
    ("acme/model", "other/model"),
    ("acme/model", "acme/model/part"),
    ("acme/model", "https://gitlab.com/acme/model"),
    ("acme/model", "./acme/model"),
    ("acme/model", "/acme/model"),
    ("acme/model", "https://github.com.evil.com/acme/model"),
    ("acme/model", "https://github.com@evil.com/acme/model"),
    ("acme/model", "https://evil.com/github.com/acme/model"),
    ("acme/model", "https://github.com:8443/acme/model"),
    ("acme/model", "https://github.com/acme/model?x=1"),
    ("acme/model", "https://github.com/acme/model#x"),
    ("acme/model", "git@evil.com:acme/model"),
    ("acme/model", "me@github.com:acme/model"),
    ("https://git.acme.com/data/model", "https://git.acme.com/Data/model"),
    ("/srv/git/model", "/srv/git/model.git"),
    ("me@host:model", "you@host:model"),
    ("https://host:1x/a", "https://host/a"),
]


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_spellings_of_one_repository_have_one_normal_form(spellings: list[str]) -> None:
    assert {spelling: normal_form(spelling) for spelling in spellings} == dict.fromkeys(
        spellings, normal_form(spellings[0])
    )


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_repositories_have_another(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@settings(max_examples=100)
@given(st.text(max_size=40) | st.from_regex(r"(\w+://)?([\w:]*@)?[\w.]*[:/][\w./@~%\[\]:]*", fullmatch=True))
def test_any_text_has_a_normal_form_and_a_branch_or_none(text: str) -> None:
    assert isinstance(normal_form(text), str)
    url, branch = split_branch(text)
    assert text == (url if branch is None else f"{url}@{branch}")


@pytest.mark.parametrize(
    ("text", "url", "branch"),
    [
        ("acme/model@main", "acme/model", "main"),
        ("acme/model@feature/x", "acme/model", "feature/x"),
        ("acme/model", "acme/model", None),
        ("git@github.com:acme/model.git", "git@github.com:acme/model.git", None),
        ("git@github.com:acme/model.git@main", "git@github.com:acme/model.git", "main"),
        ("github.com:acme/model@main", "github.com:acme/model", "main"),
        ("ssh://git@github.com/acme/model", "ssh://git@github.com/acme/model", None),
        ("ssh://git@github.com/acme/model@main", "ssh://git@github.com/acme/model", "main"),
        ("https://me:p@ss@host/acme/model@main", "https://me:p@ss@host/acme/model", "main"),
        ("/srv/git/@scope/model.git@main", "/srv/git/@scope/model.git", "main"),
        ("@main", "", "main"),
        ("acme/model@", "acme/model", ""),
    ],
)
def test_the_branch_follows_the_last_at_sign_that_is_of_no_login(text: str, url: str, branch: str | None) -> None:
    assert split_branch(text) == (url, branch)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:p@ss@host/a@b", "https://host/a@b"),
        ("https://host/a", "https://host/a"),
        ("git@github.com:acme/model", "git@github.com:acme/model"),
        ("/srv/a@b", "/srv/a@b"),
    ],
)
def test_what_is_shown_has_no_password(url: str, shown: str) -> None:
    assert without_user(url) == shown
