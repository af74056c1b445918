"""Long messages shown in part: beginning, end, and what the question is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from trinax.answering.prompting.wording import CHARACTERS_LEFT_OUT, LINE_LEFT_OUT, LINES_LEFT_OUT
from trinax.index.stopwords import STOPWORDS

# Behind its backticks a fence has no further ones.
FENCE = re.compile(r"[ \t>]{0,40}(`{3,64}(?=[^`]*\Z)|~{3,64})(.*)")
# Han, Katakana and Hangul by their letters.
WORD = re.compile(r"[\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7af]|\w{3,40}")
COMMON = frozenset[str]().union(*STOPWORDS.values())
# What a message is shown with at least.
LEAST_LIMIT_CHARACTERS = 300
# The first and the last block may take so much each; what the question is about gets the rest.
END_SHARE = 0.35
# A part that is shorter tells nothing.
LEAST_CHARACTERS = 60
# Room for what says that something was left out.
NOTE_CHARACTERS = 40
# Of a message of very many blocks, those before the latest are left out unread.
LATEST_BLOCKS = 2000
# How far from its place a cut looks for white space.
REACH_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of prose, or of code with its fences. closing: the fence that ends it, "" for prose."""

    lines: tuple[str, ...]
    closing: str = ""

    @property
    def size(self) -> int:
        return sum(map(len, self.lines)) + len(self.lines)


@dataclass(frozen=True, slots=True)
class Divided:
    """order: places of the blocks, what is to be shown first coming first."""

    text: str
    blocks: tuple[Block, ...]
    order: tuple[int, ...]


def divided(text: str, question: str = "") -> Divided:
    """A message in paragraphs and fenced code: first and last come first, then those that share
    most words with the question."""
    blocks = tuple(blocks_of(text.splitlines())) if len(text) > LEAST_LIMIT_CHARACTERS else ()
    return Divided(text, blocks, tuple(_order(blocks, question)))


def condensed(message: Divided, limit_characters: int) -> str:
    """The text if it is short enough, else as many of its blocks as there is room for, with a
    note where lines are left out.

    limit_characters: LEAST_LIMIT_CHARACTERS or more. What is longer than its share is shown by
    beginning and end, code between its fences, which are never left open.
    """
    if len(message.text) <= limit_characters:
        return message.text
    blocks = message.blocks
    room = limit_characters - NOTE_CHARACTERS
    shown: dict[int, Block] = {}
    for index in message.order:
        ends = index in (0, len(blocks) - 1) and len(blocks) > 1
        share = min(room, int(limit_characters * END_SHARE)) if ends else room
        block = _shortened(blocks[index], share)
        if block:
            shown[index] = block
            room -= block.size + NOTE_CHARACTERS
        if room <= 0:
            break
    return _joined(blocks, shown)


def blocks_of(lines: Sequence[str]) -> Iterator[Block]:
    """Paragraphs, each with the blank lines behind it, and fenced code."""
    held: list[str] = []
    closing = ""
    for line in lines:
        fence = FENCE.fullmatch(line)
        if closing:
            held.append(line)
            ends = fence and fence[1].startswith(closing) and not fence[2].strip()
            if ends:
                yield Block(tuple(held), closing)
                held, closing = [], ""
            continue
        if held and (fence or (line.strip() and not held[-1].strip())):
            yield Block(tuple(held))
            held = []
        held.append(line)
        closing = fence[1] if fence else ""
    if held:
        # A fence that the text leaves open is closed: other messages follow.
        yield Block((*held, closing) if closing else tuple(held), closing)


def _order(blocks: Sequence[Block], question: str) -> list[int]:
    """Both ends, then those that share words with the question, then the latest first."""
    wanted = frozenset(WORD.findall(question.casefold())) - COMMON

    def shared(index: int) -> int:
        words = WORD.findall("\n".join(blocks[index].lines).casefold())
        return len(wanted.intersection(words))

    ends = [0, len(blocks) - 1][: len(blocks)]
    between = range(max(1, len(blocks) - 1 - LATEST_BLOCKS), len(blocks) - 1)
    return [*ends, *sorted(between, key=lambda index: (-shared(index), -index))]


def _shortened(block: Block, limit_characters: int) -> Block | None:
    """The block by its beginning and end; None where it would tell nothing."""
    if block.size <= limit_characters:
        return block
    frame = (block.lines[0], block.closing) if block.closing else ()
    room = limit_characters - sum(map(len, frame)) - len(frame) - NOTE_CHARACTERS
    if room < LEAST_CHARACTERS:
        return None
    if not frame:
        return Block(_both_ends(block.lines, room))
    last = block.lines[-1]
    code = _both_ends(block.lines[1:-1], room)
    return Block((block.lines[0], *code, last), block.closing)


def _both_ends(lines: Sequence[str], room: int) -> tuple[str, ...]:
    """First and last lines, as many as there is room for; a line that is too long by its own
    beginning and end."""
    head = _taken(lines, room // 2)
    tail = _taken(lines[head:][::-1], room - room // 2)
    before, after = list(lines[:head]), list(lines[len(lines) - tail :])
    left = len(lines) - head - tail
    used = sum(map(len, before + after)) + head + tail
    if (head == 0 or tail == 0) and left:
        # The line that stopped it is longer than half of the room.
        at = head if head == 0 else len(lines) - tail - 1
        return _with_cut(lines, at, (head, tail), room - used)
    return (*before, left_out(left), *after) if left else tuple(lines)


def _with_cut(lines: Sequence[str], at: int, ends: tuple[int, int], room: int) -> tuple[str, ...]:
    head, tail = ends
    before, after = lines[:head], lines[len(lines) - tail :]
    gap = [left_out(count)] if (count := len(lines) - head - tail - 1) else []
    cut = _cut(lines[at], room - NOTE_CHARACTERS)
    middle = [cut, *gap] if at == head else [*gap, cut]
    return (*before, *middle, *after)


def _cut(line: str, room: int) -> str:
    """A line without its middle, cut at white space where there is some near."""
    half = room // 2
    if half < LEAST_CHARACTERS // 2:
        return CHARACTERS_LEFT_OUT.format(len(line)).strip()
    start, end = half, len(line) - half
    start = max(line.rfind(" ", start - REACH_CHARACTERS, start + 1), 0) or start
    end = line.find(" ", end, end + REACH_CHARACTERS) + 1 or end
    return line[:start] + CHARACTERS_LEFT_OUT.format(end - start) + line[end:]


def _taken(lines: Sequence[str], room: int) -> int:
    """How many of the first lines there is room for."""
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)


def _joined(blocks: Sequence[Block], shown: dict[int, Block]) -> str:
    lines: list[str] = []
    for here, group in groupby(range(len(blocks)), key=shown.__contains__):
        indexes = list(group)
        if here:
            lines += [line for index in indexes for line in shown[index].lines]
        else:
            lines.append(left_out(sum(len(blocks[index].lines) for index in indexes)))
    return "\n".join(lines).rstrip()


def left_out(lines: int) -> str:
    return LINE_LEFT_OUT if lines == 1 else LINES_LEFT_OUT.format(lines)
