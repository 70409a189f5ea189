"""Addresses of git repositories: which of them are one, and which only look so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.git_url import has_password, normal_form, split_branch, without_user

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
    ["me@host:model", "ssh://host/~me/model", "ssh://me@host/~/model", "me@host:~/model", "ssh://you@host/~me/model"],
    ["https://host/a%2fb", "https://host/%61%2Fb"],
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
    ("ssh://alice@host/~/repo", "ssh://bob@host/~/repo"),
    ("ssh://alice@host/%7E/repo", "ssh://bob@host/%7E/repo"),
    ("git+ssh://alice@host/~/repo", "git+ssh://bob@host/~/repo"),
    ("alice@host:~/repo", "bob@host:~/repo"),
    ("https://host/a%2Fb", "https://host/a/b"),
    ("https://host/a%2Fb", "https://host/a%252Fb"),
    ("https://host/a%3Fb", "https://host/a?b"),
    ("https://host/a%23b", "https://host/a#b"),
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
        ("https://me:p/w@host/acme/model@main", "https://me:p/w@host/acme/model", "main"),
        ("https://me:p/w@host/acme/model", "https://me:p/w@host/acme/model", None),
        ("https://host:8443/acme/model@feature/x", "https://host:8443/acme/model", "feature/x"),
        ("https://[::1]:8443/acme/model@feature/x", "https://[::1]:8443/acme/model", "feature/x"),
        ("/srv/git/@scope/model.git@main", "/srv/git/@scope/model.git", "main"),
        ("@main", "", "main"),
        ("acme/model@", "acme/model", ""),
    ],
)
def test_the_branch_follows_the_last_at_sign_that_is_of_no_login(text: str, url: str, branch: str | None) -> None:
    assert split_branch(text) == (url, branch)


@pytest.mark.parametrize(
    ("url", "shown", "refused"),
    [
        ("https://me:p@ss@host/a", "https://host/a", True),
        ("https://bob:hunter#2@host/x", "https://host/x", True),
        ("ssh://bob:p?w@h/x", "ssh://h/x", True),
        ("ssh://bob:p/w@h/x", "ssh://h/x", True),
        ("https://:p/@w@host/x", "https://host/x", True),
        ("https://bob:p\nw@host/x", "https://host/x", True),
        ("https://tok#en@host/x", "https://host/x", False),
        ("https://host/a", "https://host/a", False),
        ("https://host/a@b", "https://host/a@b", False),
        ("https://host:8443/a", "https://host:8443/a", False),
        ("https://me@host:8443/a@b", "https://host:8443/a@b", False),
        ("https://[::1]:8443/a@b", "https://[::1]:8443/a@b", False),
        ("git@github.com:acme/model", "git@github.com:acme/model", False),
        ("/srv/a@b", "/srv/a@b", False),
    ],
)
def test_what_is_shown_has_no_password_whatever_is_in_it(url: str, shown: str, refused: bool) -> None:
    assert (without_user(url), has_password(url)) == (shown, refused)
