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


_MOST = 1_000_000
_DEEPEST = 100
_WIDEST = 1024
"""Parts of a contract, lists and mappings inside of each other, and bits of a number; more bites who reads it."""


class _Loader(yaml.SafeLoader):
    """Days stay text, as the standard has them."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:
        """What a node says; a YAMLError with its place where it is not what its tag promises."""
        try:
            found: object = super().construct_object(node, deep)
        except (ValueError, ArithmeticError, LookupError, AttributeError, TypeError) as error:
            word = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(None, None, f"this is no {word}", node.start_mark) from error
        return found


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
        document = _Plain(source).value(_loaded(text, source), "the contract")
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


def _loaded(text: str, source: str) -> object:
    """The values of a text, once its size is known: a few lines of YAML that refer to each other can be endless."""
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None
        _measure(root, source)
        return loader.construct_document(root)
    except (ValueError, OverflowError) as error:  # such as "\U00110000"
        raise NotAContract(f"{source} is no YAML: it holds a character that there is not", hint=_HINT) from error
    finally:
        loader.dispose()


def _measure(root: yaml.Node, source: str) -> None:
    """Refuse what is too much, where every reference and every merge of keys counts as all that it stands for."""
    left, waiting = _MOST, [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        left -= 1
        if left < 0:
            raise NotAContract(f"{source} is no data contract: it has more than a million parts", hint=_HINT)
        if depth > _DEEPEST:
            raise NotAContract(f"{source} is no data contract: its parts are inside of each other", hint=_HINT)
        match node:
            case yaml.MappingNode(value=pairs):
                waiting += [(part, depth + 1) for pair in pairs for part in pair]
            case yaml.SequenceNode(value=parts):
                waiting += [(part, depth + 1) for part in parts]


@define
class _Plain:
    """Makes values of YAML values of JSON, whose text can be stored."""

    source: str

    def value(self, found: object, place: str) -> JsonValue:
        match found:
            case dict():
                return {
                    self._key(key, place): self.value(value, self._under(place, key)) for key, value in found.items()
                }
            case list():
                return [self.value(value, self._under(place, at)) for at, value in enumerate(found)]
            case str():
                return self._text(found, place)
            case int() if found.bit_length() > _WIDEST:
                raise self._refused(f"{place} is a number of too many digits")
            case None | bool() | int() | float():
                return found
        raise self._refused(f"it holds a {type(found).__name__}")

    def _key(self, key: object, place: str) -> str:
        return str(self.value(key, f"a key of {place}"))

    def _under(self, place: str, step: object) -> str:
        return f"{step}" if place == "the contract" else f"{place}.{step}"

    def _text(self, text: str, place: str) -> str:
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise self._refused(f"{place} holds a character that no database can store")
        return text

    def _refused(self, why: str) -> NotAContract:
        return NotAContract(f"{self.source} is no data contract: {why}", hint=_HINT)
