"""Which tables change hands with their datastore."""

from hypothesis import given
from hypothesis import strategies as st

from datasurface.deployment import HandOver
from datasurface_yellow.deploy.owners import Owned, followed

NAMES = st.sampled_from(["a", "b", "c"])
KEPT = st.dictionaries(st.sampled_from(["t", "u", "v", "w"]), st.builds(Owned, store=NAMES, owner=NAMES))
HANDED = st.dictionaries(NAMES, st.tuples(NAMES, NAMES)).map(
    lambda by_store: [HandOver(store, former, owner) for store, (former, owner) in by_store.items()]
)


@given(kept=KEPT, handed_over=HANDED)
def test_tables_of_the_former_owner_follow_their_datastore_and_no_others(
    kept: dict[str, Owned], handed_over: list[HandOver]
) -> None:
    moved = followed(kept, handed_over)
    for table, owned in kept.items():
        matching = [each for each in handed_over if (each.store, each.former) == (owned.store, owned.owner)]
        assert moved.get(table) == next((Owned(owned.store, each.owner) for each in matching), None)
    assert moved.keys() <= kept.keys()
