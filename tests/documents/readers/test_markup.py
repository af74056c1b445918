import pytest

from tests.documents.readers.packages import ENTITIES
from trinax.documents.readers.markup import Closes, Opens, check, element, events
from trinax.errors import UnreadableDocument


def test_elements_come_without_prefixes_whatever_these_are() -> None:
    xml = b'<x:a xmlns:x="urn:x" id="1" x:id="2">one<b/>&amp; two</x:a>'
    assert list(events(xml)) == [
        Opens("a", {"id": "1", ":id": "2"}),
        "one",
        Opens("b", {}),
        Closes("b"),
        "& two",
        Closes("a"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_file_names_its_encoding(encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding}"?><a>café</a>'.encode(encoding)
    assert element(xml, "a") == "café"


def test_the_first_element_of_a_name_is_found_with_all_inside() -> None:
    assert element(b"<a><t>one\n <b>two</b></t><t>three</t></a>", "t") == "one two"
    assert element(b"<a><t/></a>", "t") == ""
    assert element(b"<a/>", "t") == ""


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"words",
        b"<a>",
        b"<a></b>",
        b"<a>\x00</a>",
        b"<a>&nbsp;</a>",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="unheard-of"?><a/>',
        b'<?xml version="1.0" encoding="big5"?><a/>',
    ],
)
def test_what_is_not_well_formed_is_refused(xml: bytes) -> None:
    for read in (check, lambda xml: list(events(xml))):
        with pytest.raises(UnreadableDocument, match=r"^its XML is broken$"):
            read(xml)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_not_expanded(encoding: str) -> None:
    xml = f"{ENTITIES}<x>&b;</x>".encode(encoding)
    for read in (check, lambda xml: list(events(xml))):
        with pytest.raises(UnreadableDocument, match="declares entities"):
            read(xml)


@pytest.mark.timeout(20)
def test_no_nesting_is_too_deep() -> None:
    xml = b"<a>" * 200_000 + b"deep" + b"</a>" * 200_000
    assert element(xml, "a") == "deep"
