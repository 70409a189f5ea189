"""How databases sort text. The server of a consumer lets the merge database sort, and believes that it would have
sorted likewise itself: where the two do not, joins lose rows and say nothing."""

from collections.abc import Iterable, Mapping
from typing import cast

from attrs import frozen
from psycopg2.extensions import connection as Connection

from datasurface_yellow.store.connection import one, rows
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement

_PLAIN = ("C", "POSIX")


@frozen
class Locale:
    """By what text is compared: provider (libc, icu or builtin), its locales for order and for letters, its rules."""

    provider: str
    collate: str
    ctype: str
    rules: str = ""

    @classmethod
    def of(cls, row: Mapping[str, str | None], prefix: str) -> "Locale":
        """The locale of a row of ``pg_database`` (``dat``) or ``pg_collation`` (``coll``), whose columns are called
        otherwise in each version of the server."""
        provider = {"c": "libc", "i": "icu", "b": "builtin"}.get(row[f"{prefix}{_PROVIDER[prefix]}"] or "", "other")
        if provider == "libc":
            collate, ctype = _plain(row[f"{prefix}collate"]), _plain(row[f"{prefix}ctype"])
        else:
            short = prefix if prefix == "coll" else "dat"
            collate = ctype = row.get(f"{short}locale") or row.get(f"{short}iculocale") or ""
        if provider in ("libc", "builtin") and {collate, ctype} == {"C"}:
            return cls("any", "C", "C")
        return cls(provider, collate, ctype, row.get(f"{prefix}icurules") or "")

    def __str__(self) -> str:
        return self.collate if self.collate == self.ctype else f"{self.collate}, letters of {self.ctype}"


_PROVIDER = {"dat": "locprovider", "coll": "provider"}


def _plain(name: str | None) -> str:
    """A locale of the C library under one spelling: ``en_US.UTF-8`` is ``en_US.utf8``."""
    if name in _PLAIN:
        return "C"
    place, _, encoding = (name or "").partition(".")
    return f"{place}.{encoding.lower().replace('-', '')}"


def database_locale(session: Connection) -> Locale:
    """How the session's database sorts."""
    found = one(session, _sql("database_locale"))
    return Locale.of(cast("tuple[dict[str, str | None]]", found)[0], "dat")


def collation_like(session: Connection, wanted: Locale) -> str | None:
    """A collation of the session's database that sorts so, as a statement names it; None where it has none."""
    found = cast("Iterable[tuple[str, str, dict[str, str | None]]]", rows(session, _sql("collations")))
    return next((qualified(schema, name) for schema, name, row in found if Locale.of(row, "coll") == wanted), None)


def _sql(block: str) -> str:
    return statement("consumer", "consumer.sql.j2", block)
