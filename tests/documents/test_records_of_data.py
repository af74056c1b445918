"""JSON, YAML, TOML, INI, XML and separated values: cut between records, each with its path."""

import json

import pytest

from tests.documents.documents import chunked
from trinax.documents.records import Chunk

ORDERS = [
    {
        "id": 100 + n,
        "customer": "Anna Berg",
        "lines": [{"sku": f"A{line}", "text": "some words about it"} for line in range(12)],
    }
    for n in range(9)
]
SHOP = {"name": "shop", "theme": {"dark": {f"colour {n}": n for n in range(80)}}, "orders": ORDERS}


def _contexts(found: list[Chunk]) -> list[str]:
    return list(dict.fromkeys(chunk.context for chunk in found))


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_members_of_json_are_named_by_their_keys_in_lines_or_not(indent: int | str | None) -> None:
    contexts = _contexts(chunked(json.dumps(SHOP, indent=indent), "a.json", "json", 128))
    assert "a › theme › dark" in contexts
    assert "a › orders › 104 › lines" in contexts


def test_an_array_is_cut_between_its_records() -> None:
    records = [{"id": n, "name": "some name", "tags": ["a", "b"]} for n in range(80)]
    found = chunked(json.dumps(records), "a.json", "json", 128)
    assert all(json.loads(f"[{chunk.text.strip('[], ')}]") for chunk in found)
    assert all(chunk.text.startswith('{"id": ') for chunk in found[1:])


def test_a_record_without_a_name_is_called_by_its_place() -> None:
    records = [{"a": ["some words"] * 40, "b": n} for n in range(3)]
    contexts = _contexts(chunked(json.dumps({"all": records}, indent=1), "a.json", "json", 64))
    assert "a › all › [1] › a" in contexts


def test_lines_of_json_are_records() -> None:
    lines = "".join(json.dumps(order) + "\n" for order in ORDERS)
    found = chunked(lines, "a.jsonl", "json", 256)
    assert _contexts(found)[:3] == ["a › 100", "a › 101", "a › 102"]
    assert all(json.loads(chunk.text) for chunk in found)


def test_keys_of_yaml_are_named_with_their_comments() -> None:
    text = "version: 3\nservices:\n"
    for name in ("web", "database"):
        values = "".join(f"      - KEY_{n}=some value\n" for n in range(20))
        text += f"  # Runs {name}.\n  {name}:\n    image: x\n    environment:\n{values}"
    found = chunked(text, "a.yaml", "yaml")
    assert [chunk.context for chunk in found] == ["a › services › web", "a › services › database"]
    assert found[1].text.startswith("  # Runs database.\n  database:")


@pytest.mark.parametrize("indent", ["", "  "])
def test_items_of_a_list_in_yaml_are_called_by_their_name(indent: str) -> None:
    steps = "".join(f"{indent}  - run: make part {n}\n" for n in range(40))
    text = f"jobs:\n{indent}- name: 'build'\n{indent}  steps:\n{steps}"
    text += text.replace("jobs:\n", "").replace("build", "test")
    contexts = _contexts(chunked(text, "a.yml", "yaml", 128))
    assert contexts[0].startswith("a › jobs › build")
    assert contexts[-1].startswith("a › jobs › test")


def test_a_block_of_text_in_yaml_ends_with_its_indentation() -> None:
    block = "".join(f"    line {n}: words\n" for n in range(60))
    found = chunked(f"notes:\n  text: |\n{block}b:\n  c: {'word ' * 100}\n", "a.yaml", "yaml", 128)
    assert found[0].context == "a › notes › text"
    assert found[-1].context.startswith("a › b")


@pytest.mark.parametrize("kind", ["toml", "config"])
def test_tables_of_toml_and_ini_are_named_by_their_headers(kind: str) -> None:
    values = "".join(f'key_{n} = "some value"  # why\n' for n in range(15))
    text = f"top = 1\n\n# Of the server.\n[server.tls]\n{values}\n# Of paths.\n[[paths]]\n{values}"
    found = chunked(text, "a.x", kind)
    assert [chunk.context for chunk in found] == ["a › server.tls", "a › paths"]
    assert found[1].text.startswith("# Of paths.\n[[paths]]")


@pytest.mark.parametrize("end", ["\n", ""])
def test_elements_of_xml_are_named_with_their_ids_in_lines_or_not(end: str) -> None:
    rows = f'<property name="x" value="some value"/>{end}' * 14
    beans = "".join(f'<bean id="b{n}">{end}{rows}</bean>{end}' for n in range(4))
    found = chunked(f'<?xml version="1.0"?>{end}<beans>{end}{beans}</beans>', "a.xml", "xml")
    assert [chunk.context for chunk in found] == [f"a › bean b{n}" for n in range(4)]


def test_tags_in_comments_and_character_data_are_no_elements() -> None:
    inside = "<!-- <no> --><![CDATA[ <no> ]]>" + "<p>words</p>" * 40
    found = chunked(f"<a><yes>{inside}</yes><other/></a>", "a.xml", "xml")
    assert {chunk.context for chunk in found} == {"a › yes"}


def test_separated_values_are_cut_between_records_whose_line_ends_are_quoted() -> None:
    rows = "".join(f'Item {n},{n}.50,"a ""note""\nof two, lines"\n' for n in range(60))
    first, *others = chunked(f"Name,Price,Note\n{rows}", "a.csv", "csv", 128)
    assert first.context == "a"
    assert len(others) > 3
    assert {chunk.context for chunk in others} == {"a › Name | Price | Note"}
    assert all(chunk.text.startswith("Item ") for chunk in others)
    assert all(chunk.text.endswith('of two, lines"') for chunk in others)


@pytest.mark.parametrize("first", ["1,2,3", "one", "", "a,2.5,c"])
def test_a_first_record_that_names_no_columns_is_no_header(first: str) -> None:
    found = chunked(f"{first}\n" + "4,5,some words here\n" * 60, "a.csv", "csv", 64)
    assert {chunk.context for chunk in found} == {"a"}


def test_a_quotation_mark_that_is_never_closed_swallows_no_record() -> None:
    rows = "".join(f'Item {n},5" wide,some words\n' for n in range(60))
    found = chunked(f'Name,Size,Note\nx,"open,y\n{rows}', "a.csv", "csv", 64)
    assert all(chunk.text.startswith("Item") for chunk in found[1:])


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["json", "xml", "yaml", "toml", "csv", "sql"])
@pytest.mark.parametrize(
    "shard",
    [
        *('"', ',"', '{"a":', "[", "}", "<", "<a>", "</b>", "<!--", '<a "', "- ", "a:\n", "['"),
        *("'\\", "$a$", "$", "/*", "--", ' "":', "CREATE ", "BEGIN ", "<![CDATA[", "[a]\n"),
    ],
)
def test_hostile_data_takes_no_time_and_is_not_lost(kind: str, shard: str) -> None:
    text = shard * (60_000 // len(shard))
    found = chunked(text, "a.x", kind)
    assert sum(len("".join(chunk.text.split())) for chunk in found) == len("".join(text.split()))
