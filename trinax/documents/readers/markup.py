"""XML of strangers as a row of events: no entity is expanded, and no nesting is too deep."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

from trinax.documents.readers.extracted import words
from trinax.errors import UnreadableDocument

SLICE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Opens:
    """name: without its namespace. attributes: those in a namespace as ":name", others as "name";
    makers of files choose prefixes as they like, and no two namespaces meet in what is read."""

    name: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Closes:
    name: str


Event = Opens | Closes | str


def events(xml: bytes) -> Iterator[Event]:
    """Elements as they open and close, and the text between.

    Raises UnreadableDocument if it is not well formed or declares entities.
    """
    found: list[Event] = []
    parser = _parser()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: found.append(
        Opens(_local(name), {_key(key): value for key, value in attributes.items()})
    )
    parser.EndElementHandler = lambda name: found.append(Closes(_local(name)))
    parser.CharacterDataHandler = found.append
    for _ in _fed(parser, xml):
        yield from found
        found.clear()


def shown(all_events: Iterable[Event], is_hidden: Callable[[Opens], bool]) -> Iterator[Event]:
    """Without those of hidden elements and of all inside of them."""
    hidden = 0  # how many elements are open from a hidden one on
    for event in all_events:
        if isinstance(event, Closes) and hidden:
            hidden -= 1
        elif isinstance(event, Opens) and (hidden or is_hidden(event)):
            hidden += 1
        elif not hidden:
            yield event


def attributes(xml: bytes, name: str) -> Iterator[Mapping[str, str]]:
    """Of every element of that name, in order. Raises as events() does."""
    for event in events(xml):
        if isinstance(event, Opens) and event.name == name:
            yield event.attributes


def element(xml: bytes, name: str) -> str:
    """The text of the first element of that name, on one line; "" without one."""
    found: list[str] = []
    depth = 0
    for event in events(xml):
        if isinstance(event, Opens):
            depth += depth > 0 or event.name == name
        elif isinstance(event, str):
            found += [event] if depth else []
        elif depth:
            depth -= 1
            if not depth:
                break
    return words("".join(found))


def check(xml: bytes) -> None:
    """For what another parser is to read. Raises as events() does."""
    for _ in _fed(_parser(), xml):
        pass


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.EntityDeclHandler = _refuse
    return parser


def _fed(parser: expat.XMLParserType, xml: bytes) -> Iterator[None]:
    for at in range(0, len(xml) + 1, SLICE_BYTES):
        piece = xml[at : at + SLICE_BYTES]
        try:
            parser.Parse(piece, len(piece) < SLICE_BYTES)
        # An encoding that it does not know is a LookupError or a ValueError.
        except (expat.ExpatError, LookupError, ValueError) as exc:
            raise UnreadableDocument("its XML is broken") from exc
        yield


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _key(name: str) -> str:
    _, separator, local = name.rpartition(" ")
    return f":{local}" if separator else local


def _refuse(*_: object) -> None:
    raise UnreadableDocument("its XML declares entities, which can grow without end")
