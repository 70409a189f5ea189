"""Which tables change hands with their datastore."""

from hypothesis import given
from hypothesis import strategies as st

from datasurface.deployment import HandOver
from datasurface_yellow.deploy.owners import Kept, Origin, Owned, followed

NAMES = st.sampled_from(["a", "b", "c"])
OWNED = st.builds(Owned, store=NAMES, owner=NAMES)
ORIGINS = st.none() | st.just(Origin("Test", "a", "people"))
KEPT = st.dictionaries(st.sampled_from(["t", "u", "v", "w"]), st.builds(Kept, owned=OWNED, origin=ORIGINS))
HANDED = st.dictionaries(NAMES, st.tuples(NAMES, NAMES)).map(
    lambda by_store: [HandOver(store, former, owner) for store, (former, owner) in by_store.items()]
)


@given(kept=KEPT, handed_over=HANDED)
def test_tables_of_the_former_owner_follow_their_datastore_and_no_others(
    kept: dict[str, Kept], handed_over: list[HandOver]
) -> None:
    moved = followed(kept, handed_over)
    for table, each in kept.items():
        owned = each.owned
        matching = [it for it in handed_over if (it.store, it.former) == (owned.store, owned.owner)]
        assert moved.get(table) == next((Kept(Owned(owned.store, it.owner), each.origin) for it in matching), None)
    assert moved.keys() <= kept.keys()
