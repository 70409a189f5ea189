"""Which columns a workspace does not see as they are: by classification, clearance and the policies of both sides."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from datasurface import types
from datasurface.classification import CONFIDENTIAL, INTERNAL, PII, PUBLIC, Classification
from datasurface.deployment import ColumnFilter, ColumnMask, MaskKind
from datasurface.errors import ModelValueError
from datasurface.model import (
    Column,
    Credential,
    Dataset,
    Datastore,
    HashMask,
    Mask,
    MaskingPolicy,
    NullMask,
    PartialMask,
    ProductionStatus,
    RowFilter,
    RowFilterPolicy,
    SqliteDatabase,
    SqlSnapshot,
    Workspace,
    YearMask,
)
from datasurface.protection import Protections, mask_of
from tests.support.every_class import every_class
from tests.support.models import masks, simple_types

HASH = HashMask(PII, credential=Credential("mask-key"))
TEXT, DAY, NUMBER = (Column(name, of) for name, of in (("t", types.Text()), ("d", types.Date()), ("n", types.BigInt())))
AMOUNT = {MaskKind.NULL: 0, MaskKind.HASH: 1, MaskKind.PARTIAL: 2, MaskKind.YEAR: 2}


def policy(*of: Mask) -> MaskingPolicy:
    return MaskingPolicy("p", masks=of)


@pytest.mark.parametrize(
    ("column", "of_store", "of_workspace", "kind"),
    [
        (TEXT, [], [], MaskKind.NULL),
        (TEXT, [policy(HASH)], [], MaskKind.HASH),
        (TEXT, [policy(YearMask(PII), HASH)], [], MaskKind.HASH),
        (TEXT, [policy(PartialMask(PII, last=1), HASH)], [], MaskKind.PARTIAL),
        (TEXT, [policy(HashMask(CONFIDENTIAL, credential=Credential("k")))], [], MaskKind.NULL),
        (DAY, [policy(HASH, YearMask(PII))], [], MaskKind.YEAR),
        (NUMBER, [policy(HASH, YearMask(PII))], [], MaskKind.NULL),
        (TEXT, [policy(PartialMask(PII, last=1)), policy(HASH)], [], MaskKind.HASH),
        (TEXT, [policy(HASH), policy(NullMask(PII))], [], MaskKind.NULL),
        # the workspace's side can show less, and never more
        (TEXT, [], [policy(HASH)], MaskKind.NULL),
        (TEXT, [policy(HASH)], [policy(PartialMask(PII, last=1))], MaskKind.HASH),
        (TEXT, [policy(PartialMask(PII, last=1))], [policy(HASH)], MaskKind.HASH),
        (DAY, [policy(YearMask(PII))], [policy(HASH)], MaskKind.NULL),
    ],
)
def test_the_mask_that_is_chosen(
    column: Column, of_store: Sequence[MaskingPolicy], of_workspace: Sequence[MaskingPolicy], kind: MaskKind
) -> None:
    assert mask_of(column, PII, of_store, of_workspace).kind is kind


def test_of_two_parts_the_smaller_ends_are_shown() -> None:
    both = [policy(PartialMask(PII, first=3, last=1)), policy(PartialMask(PII, first=1, last=4))]

    assert mask_of(TEXT, PII, both) == ColumnMask("t", MaskKind.PARTIAL, first=1, last=1)
    assert mask_of(TEXT, PII, [policy(PartialMask(PII, first=3)), policy(PartialMask(PII, last=1))]) == ColumnMask(
        "t", MaskKind.NULL
    )


policies = st.lists(st.builds(policy, masks, masks), max_size=3)


@given(simple_types, st.sampled_from(Classification), policies, policies, policies)
def test_more_policies_never_show_more(
    of: types.DataType,
    classification: Classification,
    of_store: list[MaskingPolicy],
    more: list[MaskingPolicy],
    of_workspace: list[MaskingPolicy],
) -> None:
    column = Column("c", of)
    chosen = mask_of(column, classification, of_store, of_workspace)
    if any(mask.classification is classification for each in of_store for mask in each.masks):
        assert AMOUNT[mask_of(column, classification, [*of_store, *more], of_workspace).kind] <= AMOUNT[chosen.kind]
    stricter = mask_of(column, classification, of_store, [*of_workspace, *more])
    assert AMOUNT[stricter.kind] <= AMOUNT[chosen.kind]
    assert stricter.first <= chosen.first or chosen.kind is not MaskKind.PARTIAL
    assert stricter.last <= chosen.last or chosen.kind is not MaskKind.PARTIAL


COLUMNS = [
    Column("key", types.BigInt(), primary_key=True, classification=PUBLIC),
    Column("unknown", types.Text()),
    Column("mail", types.Text(), classification=PII),
]


@pytest.mark.parametrize(
    ("status", "clearance", "hidden", "masked"),
    [
        (ProductionStatus.PRODUCTION, None, ("unknown",), ()),
        (ProductionStatus.PRODUCTION, [PUBLIC], ("unknown",), ("mail",)),
        (ProductionStatus.PRODUCTION, list(Classification), ("unknown",), ()),
        (ProductionStatus.PRODUCTION, [], ("unknown",), ("key", "mail")),
        (ProductionStatus.NOT_PRODUCTION, None, (), ()),
        (ProductionStatus.NOT_PRODUCTION, list(Classification), (), ("unknown",)),
    ],
)
def test_what_has_no_classification_is_hidden_in_production_and_masked_elsewhere(
    status: ProductionStatus,
    clearance: list[Classification] | None,
    hidden: tuple[str, ...],
    masked: tuple[str, ...],
) -> None:
    dataset = Dataset("d", columns=COLUMNS)
    store = Datastore(
        "s", capture=SqlSnapshot(SqliteDatabase("f", path="/f")), datasets=[dataset], production_status=status
    )
    found = Protections().of_sink(Workspace("w", groups=[], clearance=clearance), store, dataset)

    assert (found.hidden, tuple(mask.column for mask in found.masks)) == (hidden, masked)


def test_policies_bind_what_is_below_their_owner() -> None:
    model = every_class()
    (zone,) = model.zones
    mine = policy(HASH)
    producers, consumers = zone.teams
    teams = [producers, evolve(consumers, policies=[mine])]
    found = Protections.of(evolve(model, zones=[evolve(zone, teams=teams)]))

    (of_zone,) = (each for each in zone.policies if isinstance(each, MaskingPolicy))
    (of_producers,) = (each for each in producers.policies if isinstance(each, RowFilterPolicy))
    assert found.of_stores["Shop"] == (of_zone, of_producers)
    assert found.of_stores["MaskedShop"] == found.of_workspaces["Analytics"] == (of_zone, mine)


def test_filters_of_both_sides_hold_at_once_for_whom_they_are() -> None:
    of_store = RowFilterPolicy(
        "rows",
        filters=[
            RowFilter("S.d", "country", ["FR", "DE", "DE"], workspaces=["A", "B"]),
            RowFilter("S.d", "country", [], exempt=["A", "B"]),
            RowFilter("S.other", "country", ["IT"]),
        ],
    )
    of_workspace = RowFilterPolicy("less", filters=[RowFilter("S.d", "country", ["DE", "IT", None])])
    found = Protections({"S": (of_store,)}, {"A": (of_workspace, of_store), "C": (of_workspace,)})

    mine, other = ColumnFilter("country", ("DE", "FR")), ColumnFilter("country", ("DE", "IT", None))
    assert found.filters_of("A", "S", "d") == (mine, other)
    assert found.filters_of("B", "S", "d") == (mine,)
    assert found.filters_of("C", "S", "d") == (other, ColumnFilter("country", ()))
    assert found.filters_of("anybody new", "S", "d") == (ColumnFilter("country", ()),)


@pytest.mark.parametrize(
    "wrong",
    [
        {"values": [1.5]},
        {"values": [date(2030, 1, 1)]},
        {"values": "DE"},
        {"values": ["\0"]},
        {"values": [1], "workspaces": ["A"], "exempt": ["B"]},
    ],
)
def test_a_filter_that_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelValueError):
        RowFilter("S.d", "c", **wrong)


@pytest.mark.parametrize("ends", [{}, {"first": -1, "last": 2}, {"last": True}, {"first": 0, "last": 0}])
def test_a_part_that_is_none(ends: dict[str, int]) -> None:
    with pytest.raises(ModelValueError, match="PartialMask"):
        PartialMask(INTERNAL, **ends)
