"""Apply for transformers: their logins are looked at in the merge database, their tables made where they write."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from attrs import evolve, frozen
from psycopg2.extensions import connection as Connection

from datasurface.credentials import Credentials
from datasurface.deployment import Deployment
from datasurface.errors import ApplyRefused
from datasurface.results import Step
from datasurface_yellow.consumer.merge_side import refuse_login
from datasurface_yellow.platform import YellowDataPlatform
from datasurface_yellow.store import naming
from datasurface_yellow.store.connection import (
    PlannedSession,
    closing,
    connect,
    place,
    told_of,
)
from datasurface_yellow.store.planned import with_sql
from datasurface_yellow.transform.tables import ensure_workshop
from datasurface_yellow.transform.workshop import Workshop


@frozen
class Transformers:
    """The transformers that a platform runs."""

    deployment: Deployment
    platform: YellowDataPlatform
    credentials: Credentials

    def refuse_logins(self, merge: Connection) -> None:
        """ApplyRefused where a login cannot read the views of its workspace, or may do more in the merge database."""
        for shop in self._shops():
            login = self._login(shop)
            who = f"role {login}, as which transformer {shop.name} is to read the merge database,"
            role = naming.reader_role(shop.config.workspace)
            refuse_login(merge, role, login, who, "give the transformer a login of its own")

    def apply(self, *, dry_run: bool) -> Sequence[Step]:
        """Make what each needs in the database that it writes to, in one transaction there."""
        steps: list[Step] = []
        for shop in self._shops():
            with self._session(shop, PlannedSession if dry_run else Connection) as session, session:
                made = with_sql(session, ensure_workshop(session, shop, self._login(shop)))
                steps += [evolve(step, object=f"{step.object} in {shop.container.name}") for step in made]
        return steps

    def _shops(self) -> Iterator[Workshop]:
        for config in self.deployment.transformers:
            yield Workshop.of(self.deployment, config)

    def _login(self, shop: Workshop) -> str:
        credential = shop.config.credential
        user = None if credential is None else self.credentials.secret(credential.name).user
        if not user:
            raise ApplyRefused(
                f"transformer {shop.name} has no login of its own",
                hint='give it credential=Credential("…"), and that secret a user and a password',
            )
        return user

    @contextmanager
    def _session(self, shop: Workshop, kind: type[Connection]) -> Iterator[Connection]:
        target, application = place(shop.container, self.credentials), f"datasurface {self.platform.name} apply"
        with closing(connect(target, application, self.platform.lock_wait, kind)) as session:
            if kind is PlannedSession:
                session.set_session(isolation_level="REPEATABLE READ", readonly=True)
            what = f"platform {self.platform.name}, transformer {shop.name}: {target}"
            with told_of(what, "nothing was half done there; apply again once its cause is gone"):
                yield session
