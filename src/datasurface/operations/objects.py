"""Every physical object that a model's platforms make, with what of the model it comes from."""

from datasurface.credentials import Credentials
from datasurface.operations.control import control_container
from datasurface.operations.model import CheckedModel
from datasurface.plugins.manager import Plugins
from datasurface.results import PhysicalObject


def objects(model: CheckedModel, plugins: Plugins) -> list[PhysicalObject]:
    """What the control database keeps, then what each platform makes. Needs no database and no credential.

    What several platforms need, as the schema and the role of a workspace, is there once.

    Raises:
        NoControlDatabase: the model names no control database and its platforms share none.
    """
    names = [deployment.platform.name for deployment in model.deployments]
    found = [*plugins.control_objects(control_container(model.ecosystem), names)]
    for deployment in model.deployments:
        found += plugins.runtime(deployment, None, Credentials([])).objects()
    return list(dict.fromkeys(found))
