"""Data transformers: code of a workspace that reads its views and produces a new datastore."""

from types import NoneType

from attrs import field, frozen

from datasurface.model.datastore import Capture, Datastore
from datasurface.model.element import Element, not_empty, of_type
from datasurface.model.place import Credential, GitRepository


@frozen(repr=False)
class TransformerOutput(Capture):
    """The capture of a transformer's datastore: its container is where the transformer writes its tables.

    >>> from datasurface import PostgresDatabase
    >>> masked = PostgresDatabase("MaskedDB", host="masked", database="masked")
    >>> Datastore("Masked", capture=TransformerOutput(masked), datasets=[]).capture.container.name
    'MaskedDB'
    """


@frozen(repr=False)
class PythonCode(Element):
    """A Python function in a git repository.

    Attributes:
        repository: whose revision is pinned when the model is applied.
        function: ``package.module:function``.
        credential: the secret that lets git in, where the repository is not open to all; of an ``https`` URL.

    >>> PythonCode(GitRepository("acme/masking"), function="masking.customers:mask").function
    'masking.customers:mask'
    """

    repository: GitRepository = field(validator=of_type(GitRepository))
    function: str = field(kw_only=True, validator=not_empty)
    credential: Credential | None = field(default=None, kw_only=True, validator=of_type(Credential, NoneType))


@frozen(repr=False)
class DataTransformer(Element):
    """Runs when the datasets of its workspace have new batches, and writes those of its own datastore.

    Attributes:
        code: what runs.
        produces: the datastore that it writes; other workspaces sink it as any other.
        credential: the secret of the login that the code runs as: it may read the views of the workspace, write what
            the datastore is made of, and nothing else.

    >>> from datasurface import PostgresDatabase
    >>> masked = PostgresDatabase("MaskedDB", host="masked", database="masked")
    >>> mask = DataTransformer(
    ...     "MaskCustomers",
    ...     code=PythonCode(GitRepository("acme/masking"), function="masking.customers:mask"),
    ...     produces=Datastore("Masked", capture=TransformerOutput(masked), datasets=[]),
    ...     credential=Credential("masking-login"),
    ... )
    >>> mask.produces.name
    'Masked'
    """

    name: str = field(validator=not_empty)
    code: PythonCode = field(kw_only=True, validator=of_type(PythonCode))
    produces: Datastore = field(kw_only=True, validator=of_type(Datastore))
    credential: Credential | None = field(default=None, kw_only=True, validator=of_type(Credential, NoneType))
    description: str = field(default="", kw_only=True, validator=of_type(str))
