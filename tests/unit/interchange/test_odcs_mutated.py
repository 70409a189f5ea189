"""Whatever a contract is: it is imported, or refused in one sentence."""

import copy
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datasurface.errors import DataSurfaceError
from datasurface.interchange.canonical import Canonical
from datasurface.interchange.eco_part import eco_part
from datasurface.interchange.odcs.load import import_contract
from datasurface.interchange.odcs.parse import NotAContract
from datasurface.types import Text
from tests.support.length import long_or
from tests.unit.interchange.test_odcs_of_others import CONTRACT

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 2), st.floats(), st.sampled_from(["", "x", "a b", "é\0", "x.y", "v3.1.0"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "x", "to", 1, True]), inner),
    max_leaves=4,
)


def places(value: object) -> Iterator[tuple[object, object]]:
    """Every container and key in a document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from places(value[key])  # type: ignore[index]


@st.composite
def mutated(draw: st.DrawFn) -> object:
    """A contract of which up to three parts are something else, or gone."""
    document = copy.deepcopy(yaml.safe_load(CONTRACT))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from([*places(document)]))
        if draw(st.booleans()):
            holder[key] = draw(values)  # type: ignore[index]
        else:
            del holder[key]  # type: ignore[attr-defined]
    return document


@settings(max_examples=long_or(3000, 40))
@given(mutated())
def test_a_contract_with_anything_in_it_is_imported_or_refused(document: object) -> None:
    try:
        found = import_contract(yaml.safe_dump(document), "c.yaml", Canonical())
    except DataSurfaceError as error:
        refused = error
    else:
        compile(eco_part(found.store, found.heading, found.remarks).text, "part.py", "exec")
        return
    assert "\n" not in refused.message
    assert refused.hint


HEAD = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: '1'\nstatus: active\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}customProperties: &a [{{property: x, value: *a}}]",
        f"{HEAD}schema: &a [{{name: t, properties: [{{name: c, properties: *a}}]}}]",
        f"{HEAD}context: {'[' * 1200}{']' * 1200}",
        f"{HEAD}name: !!python/object/apply:os.getcwd []",
        f"{HEAD}name: \x00",
        f"{HEAD}tags: !!set {{a, b}}",
        HEAD + "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}' if n else 'x'] * 10)}]\n" for n in range(9)),
        HEAD
        + "".join(
            f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 10)}]}}\n" if n else "x0: &x0 {a: b}\n" for n in range(9)
        ),
        f"{HEAD}x: &a {{<<: *a}}",
        f"{HEAD}name: !!timestamp abc",
        f"{HEAD}name: !!bool abc",
        f"{HEAD}name: !!int abc",
        f"{HEAD}name: !!float abc",
        f"{HEAD}name: {'9' * 5000}",
        f"{HEAD}customProperties: [{{property: x, value: 0x{'f' * 5000}}}]",
        f"{HEAD}0x{'f' * 5000}: x",
        f'{HEAD}name: "\\U00110000"',
        f'{HEAD}name: "\\UFFFFFFFF"',
        f'{HEAD}"\\0": x',
        "",
        "%",
    ],
)
def test_text_that_bites_is_refused(text: str) -> None:
    with pytest.raises(NotAContract) as refused:
        import_contract(text, "c.yaml", Canonical())
    assert refused.value.message.isprintable()
    assert refused.value.hint


@pytest.mark.parametrize("written", ["\\0", "\\ud800"])
def test_text_that_no_database_can_store_is_refused_with_its_place(written: str) -> None:
    text = f'{HEAD}schema: [{{name: t, description: "a{written}"}}]'
    with pytest.raises(NotAContract, match=r"schema\.0\.description holds a character that no database can store"):
        import_contract(text, "c.yaml", Canonical())


def test_keys_that_are_merged_count_and_are_read() -> None:
    text = f"{HEAD}schema: [{{name: t, properties: [&a {{name: c, physicalType: int}}, {{<<: *a, name: d}}]}}]"
    [dataset] = import_contract(text, "c.yaml", Canonical()).store.datasets
    assert [column.name for column in dataset.columns] == ["c", "d"]


def test_a_list_of_thousands_of_lists_is_a_type_that_nobody_knows() -> None:
    text = f"{HEAD}schema: [{{name: t, properties: [{{name: c, physicalType: 'int{'[]' * 3000}'}}]}}]"
    found = import_contract(text, "c.yaml", Canonical())
    assert "t.c" in [remark.where for remark in found.remarks]


@pytest.mark.parametrize("length", ["true", "'5'", "0", "1.5"])
def test_a_length_that_is_none_is_told_with_its_column(length: str) -> None:
    options = f"logicalType: string, logicalTypeOptions: {{maxLength: {length}}}"
    text = f"{HEAD}schema: [{{name: t, properties: [{{name: c, {options}}}]}}]"
    found = import_contract(text, "c.yaml", Canonical())
    assert found.store.datasets[0].columns[0].type == Text()
    assert "t.c" in [remark.where for remark in found.remarks]
