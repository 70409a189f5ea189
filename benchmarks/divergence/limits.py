"""What the products' own documentation or issue trackers say of their limits, in our words, by product and sequence."""

from collections.abc import Mapping

_UNIQUE = "the unique key must really be unique, and a test of the source for that is recommended"
_HASHED = "rows are known by a hash over all their columns; the strategy looks at no key"
_COALESCED = "its tracker (5332, 5757): where a closed row held NULL, the new row's value is written into it"
_UNGUARDED = "absent rows are taken for deleted; no guard against too many of them is described"

LIMITS: Mapping[str, Mapping[str, str]] = {
    "dlt_scd2": {
        "null_in_key": _HASHED,
        "duplicates": _HASHED,
        "equal_rows": _HASHED,
        "half_loaded": _UNGUARDED,
        "twice": "its tracker (1102) warns of two runs of one pipeline at a time; here each had its own working folder",
    },
    "dbt_snapshot": {
        "null_in_key": _UNIQUE,
        "duplicates": _UNIQUE,
        "equal_rows": _UNIQUE,
        "emptied": _UNGUARDED,
        "half_loaded": _UNGUARDED,
    },
    "sqlmesh_scd2": {
        "null_and_empty": _COALESCED,
        "shifted_values": _COALESCED,
        "documents": _COALESCED,
        "emptied": _UNGUARDED,
        "half_loaded": _UNGUARDED,
    },
}


def limit_of(contender: str, case: str) -> str:
    """What is known of the limit behind a result; empty where we found nothing."""
    return LIMITS.get(contender, {}).get(case, "")
