"""Masks that change."""

from collections.abc import Sequence

from datasurface.classification import CONFIDENTIAL, PII
from datasurface.model import MaskingPolicy, YearMask
from tests.unit.change.cases.case import NOTICE, Case
from tests.unit.change.edits import with_more, with_values, without

POLICY = "zones/Europe/policies/masks"
HASH = f"{POLICY}/masks/PII.HashMask"
PART = f"{POLICY}/masks/CONFIDENTIAL.PartialMask"
OTHERWISE = "otherwise where a workspace has no clearance for them"

MASKS: Sequence[Case] = [
    Case(
        "a masking policy is added",
        NOTICE,
        "CC704",
        "policy more of Europe is added: it binds everything below",
        [with_more("zones/Europe/policies", MaskingPolicy("more", masks=[YearMask(PII)]))],
    ),
    Case(
        "a mask is added",
        NOTICE,
        "CC751",
        f"policy masks masks columns that are PII {OTHERWISE}",
        [with_more(f"{POLICY}/masks", YearMask(PII))],
    ),
    Case(
        "a mask is removed",
        NOTICE,
        "CC751",
        f"policy masks masks columns that are PII {OTHERWISE}",
        [without(HASH)],
    ),
    Case(
        "a mask is of another classification",
        NOTICE,
        "CC751",
        f"policy masks masks columns that are CONFIDENTIAL {OTHERWISE}",
        [with_values(HASH, classification=CONFIDENTIAL)],
    ),
    Case(
        "a mask shows more",
        NOTICE,
        "CC751",
        f"policy masks masks columns that are CONFIDENTIAL {OTHERWISE}",
        [with_values(PART, first=2)],
    ),
    Case(
        "a hash has another key",
        NOTICE,
        "CC752",
        f"policy masks masks columns that are PII {OTHERWISE}: every hash is another one",
        [with_values(f"{HASH}/credential", name="new-key")],
    ),
]
