"""The text of a contract, read and checked by the package's own model of the standard."""

import yaml
from attrs import define
from open_data_contract_standard.model import OpenDataContractStandard
from pydantic import ValidationError

from datasurface.errors import DataSurfaceError
from datasurface.interchange.canonical import JsonValue
from datasurface.interchange.odcs.custom import Document

_HINT = "a contract of the Open Data Contract Standard 3.0 or later, in YAML or JSON, can be imported"


class NotAContract(DataSurfaceError):
    """A file is no data contract, or its custom properties of ours do not describe a datastore."""


class _Loader(yaml.SafeLoader):
    """Days stay text, as the standard has them."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def contract_model(document: Document, source: str = "the contract") -> OpenDataContractStandard:
    """The document as the package's own model of a contract; NotAContract where it does not fit."""
    try:
        return OpenDataContractStandard.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise NotAContract(f"{source} is no data contract: {place}: {first['msg']}", hint=_HINT) from error


def parsed(text: str, source: str) -> Document:
    """The document of a contract's text; NotAContract where it is none."""
    try:
        document = _Plain(source).value(yaml.load(text, _Loader))  # noqa: S506 a SafeLoader
    except yaml.YAMLError as error:
        raise NotAContract(f"{source} is no YAML: {' '.join(str(error).split())}", hint=_HINT) from error
    except RecursionError as error:
        raise NotAContract(f"{source} is no data contract: its parts are inside of each other", hint=_HINT) from error
    if not isinstance(document, dict) or document.get("kind") != "DataContract":
        raise NotAContract(f"{source} is no data contract: it has no kind: DataContract", hint=_HINT)
    version = str(document.get("apiVersion"))
    if not version.startswith("v3."):
        raise NotAContract(f"{source} is a contract of version {version} of the standard", hint=_HINT)
    return document


@define
class _Plain:
    """Makes values of YAML, which may refer to each other, values of JSON, which do not."""

    source: str
    left: int = 1_000_000

    def value(self, found: object) -> JsonValue:
        self.left -= 1
        if self.left < 0:
            raise NotAContract(f"{self.source} is no data contract: it has more than a million parts", hint=_HINT)
        match found:
            case dict():
                return {str(key): self.value(value) for key, value in found.items()}
            case list():
                return [self.value(value) for value in found]
            case None | bool() | int() | float() | str():
                return found
        raise NotAContract(f"{self.source} is no data contract: it holds a {type(found).__name__}", hint=_HINT)
