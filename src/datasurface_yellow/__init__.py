"""Yellow: a data platform on PostgreSQL. This module holds what an ``eco.py`` names, and what a notebook begins with;
drivers load when a job runs, or somebody reads."""

from pathlib import Path
from typing import TYPE_CHECKING

from datasurface_yellow.platform import YellowDataPlatform

if TYPE_CHECKING:
    from datasurface_yellow.notebook.workspace import ReadWorkspace

__all__ = ["YellowDataPlatform", "connect"]


def connect(
    where: str | Path,
    *,
    workspace: str | None = None,
    credential: str | None = None,
    user: str | None = None,
    password: str | None = None,
    environment: str | Path | None = None,
) -> "ReadWorkspace":
    """What a consumer's login may read, for use in a notebook.

    Args:
        where: ``postgresql://host:port/database?credential=NAME``, the database that consumers read in; or the
            folder of a model, which says where that is.
        workspace: its name; may be left out where the login reads one alone.
        credential: names the secret of the login, as everywhere; in place of the one in the URL.
        user, password: the login itself, where no credential is to be asked for.
        environment: the file that binds containers and credentials to real places; else $DATASURFACE_ENVIRONMENT.

    Raises:
        UsageError: the URL, or what is given beside it, is none.
        MissingCredential: nothing knows the credential's secret.
        ConnectionFailed: the database cannot be reached, or refuses the login.
        NoSuchName: the login may read nothing of the workspace.
    """
    from datasurface.credentials import Secret
    from datasurface_yellow.notebook.connecting import connected

    login = None if user is None and password is None else Secret(user, password)
    return connected(where, workspace, credential, login, environment)
