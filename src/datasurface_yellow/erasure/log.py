"""The batch log after an erasure: it speaks as if the erased versions had never been, or says how many there were.
Nothing here commits."""

import json
from typing import cast

from attrs import frozen

from datasurface_yellow.batch.planning import WITHDRAWN
from datasurface_yellow.batch.records import Records
from datasurface_yellow.erasure.keys import GivenKeys
from datasurface_yellow.store.connection import execute, one
from datasurface_yellow.store.horizons import read_horizons
from datasurface_yellow.store.statements import statement
from datasurface_yellow.store.table import MergeTable

_NO_SUM = json.dumps({"recipe": WITHDRAWN, "xor": "0"})


@frozen
class Log:
    """The log of one stream about one dataset."""

    records: Records
    table: MergeTable

    def sign_again(self) -> None:
        """Let receipts hold without the versions that are in ``ds_surf_gone``."""
        execute(self.records.session, self._sql("create_steps"))
        parameters = {**self._key, "first": self._first(), "withdrawn": _NO_SUM}
        execute(self.records.session, self._sql("sign_again"), parameters)
        execute(self.records.session, self._sql("withdraw"), parameters)

    def count_messages(self, keys: GivenKeys) -> int:
        """How many stored errors name one of the keys."""
        if not keys.shown:
            return 0
        found = one(self.records.session, self._sql("named"), {**self._key, "shown": list(keys.shown)})
        return cast("tuple[int]", found)[0]

    def mask_messages(self, keys: GivenKeys) -> None:
        """Let stored errors name none of the keys."""
        for shown in keys.shown:
            execute(self.records.session, self._sql("mask_one"), {**self._key, "shown": shown, "mask": keys.mask})

    def _first(self) -> int:
        """The first batch of which the table knows what it left, but not what it began with; 0 where it knows all."""
        horizons = read_horizons(self.records.session, self.records.names, self.records.stream)
        horizon = horizons.get(self.table.name, 0)
        if self.table.is_forensic and not horizon:
            return 0
        found = one(self.records.session, self._sql("first"), {**self._key, "horizon": horizon})
        return cast("tuple[int | None]", found)[0] or 0

    @property
    def _key(self) -> dict[str, object]:
        return {"stream": self.records.stream, "dataset": self.table.name}

    def _sql(self, name: str) -> str:
        names = self.records.names
        return statement("erasure", "log.sql.j2", name, names=names, schema=names.schema, t=self.table)
