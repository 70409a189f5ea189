"""The keys of hashes: in a table that only the platform's role can read, because the views read it with that role's
rights. A secret is sent as data of a COPY, never in the text of a statement."""

import hmac
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import cast

from attrs import field, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment, MaskKind
from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.deploy.masks import key_id
from datasurface_yellow.store.catalog import PlatformNames, relation_exists
from datasurface_yellow.store.connection import PlannedSession, execute, rows
from datasurface_yellow.store.copy_text import copy_lines, line
from datasurface_yellow.store.quoting import qualified
from datasurface_yellow.store.statements import statement

_BLOCK = 64
"""Bytes of SHA-256's block."""
_SHORTEST = 16
"""Characters: a shorter key can be guessed by who knows one value and its hash."""


@frozen
class MaskKey:
    """The key of one credential's hashes. Its pads never show in a repr."""

    credential: str
    inner: str = field(repr=False)
    outer: str = field(repr=False)

    def is_stored_as(self, pads: tuple[str, str]) -> bool:
        """Whether a table has it as it is."""
        return all(map(hmac.compare_digest, (self.inner, self.outer), pads))


def mask_key(credential: str, secret: str) -> MaskKey:
    """The key that a secret makes (RFC 2104)."""
    key = secret.encode()
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in block).hex() for pad in (0x36, 0x5C))
    return MaskKey(credential, inner, outer)


def credentials_of_hashes(deployment: Deployment) -> tuple[str, ...]:
    """The credentials whose secrets the views of a deployment need."""
    masks = (mask for view in deployment.views for mask in view.masks if mask.kind is MaskKind.HASH)
    return tuple(sorted({mask.credential for mask in masks if mask.credential is not None}))


def ensure_mask_keys(
    session: Connection, deployment: Deployment, names: PlatformNames, credentials: Credentials
) -> Iterator[Step]:
    """Make the table hold the secrets of all hashes as they are now; without hashes there need be none.

    Raises:
        MissingCredential: a secret is nowhere.
        ApplyRefused: a secret is too short for a key.
    """
    wanted = [_key(name, credentials) for name in credentials_of_hashes(deployment)]
    if not wanted:
        return
    stands = relation_exists(session, names.schema, names.mask_keys)
    if not stands:
        execute(session, _sql("create", names))
        yield Step("created table", names.mask_keys)
    if not isinstance(session, PlannedSession) or stands:
        for (role,) in rows(session, _sql("readers", names), {"schema": names.schema, "name": names.mask_keys}):
            execute(session, _sql("keep_to_owner", names, role=role))
    stored = _stored(session, names) if stands else {}
    for key in wanted:
        pads = stored.get(key_id(key.credential))
        if pads is None or not key.is_stored_as(pads):
            if pads is not None:
                execute(session, _sql("forget", names), {"ids": [key_id(key.credential)]})
            _store(session, names, key)
            yield Step("changed mask key" if pads else "stored mask key", key.credential)


def forget_mask_keys(session: Connection, deployment: Deployment, names: PlatformNames) -> None:
    """Take away the keys that no view of the deployment needs."""
    if not relation_exists(session, names.schema, names.mask_keys):
        return
    needed = {key_id(name) for name in credentials_of_hashes(deployment)}
    spare = sorted(_stored(session, names).keys() - needed)
    if spare:
        execute(session, _sql("forget", names), {"ids": spare})


def _key(credential: str, credentials: Credentials) -> MaskKey:
    secret = credentials.secret(credential)
    text = secret.password or secret.token or ""
    if len(text) < _SHORTEST:
        raise ApplyRefused(
            f"the secret of credential '{credential}' is shorter than {_SHORTEST} characters, too short for the key of "
            "a hash",
            hint="make a random one, as by `openssl rand -hex 32`",
        )
    return mask_key(credential, text)


def _stored(session: Connection, names: PlatformNames) -> dict[str, tuple[str, str]]:
    found = cast("Iterable[tuple[str, str, str]]", rows(session, _sql("keys", names)))
    return {name: (inner, outer) for name, inner, outer in found}


def _store(session: Connection, names: PlatformNames, key: MaskKey) -> None:
    if isinstance(session, PlannedSession):
        execute(session, _sql("copy", names))
        return
    cells = (key_id(key.credential), key.credential, f"\\x{key.inner}", f"\\x{key.outer}")
    columns = ("id", "credential", "inner_pad", "outer_pad")
    copy_lines(session, qualified(names.schema, names.mask_keys), columns, iter([line(cells)]))


def _sql(block: str, names: PlatformNames, **context: object) -> str:
    return statement("deploy", "mask_keys.sql.j2", block, table=qualified(names.schema, names.mask_keys), **context)
