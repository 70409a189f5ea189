"""What notebooks show, and complete with the tab key."""

import pytest
from attrs import evolve

from datasurface_yellow.notebook.workspace import ReadGroup, ReadWorkspace
from tests.postgres.notebook.conftest import Office


def group(shop: ReadWorkspace, name: str = "ForensicDSG") -> ReadGroup:
    found = shop[name]
    assert isinstance(found, ReadGroup)
    return found


def test_a_workspace_and_its_groups_show_what_there_is(shop: ReadWorkspace) -> None:
    page = shop._repr_html_()
    for cell in ("ForensicDSG", "LiveDSG", "people", "now and the past", "github.com/acme/model@main", "YellowLive"):
        assert f">{cell}</td>" in page
    assert "LiveDSG" not in group(shop)._repr_html_()
    assert repr(shop) == "<workspace Consumer1: ForensicDSG/people, ForensicDSG/pets, LiveDSG/people, LiveDSG/pets>"
    assert repr(group(shop)) == "<group ForensicDSG: people, pets>"


def test_a_dataset_shows_its_columns_whose_it_is_and_how_new(shop: ReadWorkspace) -> None:
    page = group(shop)["people"]._repr_html_()
    for part in ("Decimal(10, 2)", "Day of birth", ">PII<", ">key<", "owned by github.com/acme/model@main"):
        assert part in page
    assert "newest batch 3, of 20" in page
    assert "no record of batches" in group(shop, "LiveDSG")["people"]._repr_html_()


def test_what_others_wrote_is_never_markup(shop: ReadWorkspace) -> None:
    people = group(shop)["people"]
    for page in (people._repr_html_(), shop._repr_html_()):
        assert "from&lt;/b&gt;" in page.replace("&lt;b&gt;", "")
        assert "<b>" not in page
    rows = people.as_of(1).order_by("id")._repr_html_()
    assert "<td" in rows
    assert "Bob &lt;i&gt;" in rows
    assert ">NULL</td>" in rows
    assert "<i>" not in rows


def test_rows_show_the_first_ten(office: Office, shop: ReadWorkspace) -> None:
    history = group(shop)["people"].history()
    assert "and more" not in history._repr_html_()
    live = group(shop)["people"].live()
    many = evolve(live.select("id"), relation="generate_series(1, 30) AS r(id)")
    page = many._repr_html_()
    assert page.count("<tr>") == 11
    assert "and more" in page


def test_names_are_completed(shop: ReadWorkspace) -> None:
    assert {"ForensicDSG", "LiveDSG", "people", "groups", "on"} <= {*dir(shop)}
    assert {"people", "pets"} <= {*dir(group(shop))}
    assert [dataset.offer.name for dataset in group(shop)] == ["people", "pets"]
    assert group(shop).pets.live().count() == 1
    with pytest.raises(AttributeError):
        shop.__wrapped__  # noqa: B018 as inspect does
