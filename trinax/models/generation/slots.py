"""Which tokens lie in which sequence of a context, and what of them can be used again."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush

from trinax.llama.context import Context, State, Tokens

UNPLACED = -1
# A copy that saves fewer tokens than this is not made.
LEAST_TOKENS = 32


@dataclass(eq=False, slots=True)
class Slot:
    """Tokens of one answer, prompt first.

    tokens: room for all there may be; the first `known` are there, of which the first `done` are
    computed. sequence: where, UNPLACED before anything is. cached: how many needed no computing.
    """

    tokens: Tokens
    known: int
    done: int = 0
    sequence: int = UNPLACED
    cached: int = 0

    @property
    def placed(self) -> bool:
        return self.sequence != UNPLACED

    @property
    def missing(self) -> int:
        return self.known - self.done

    def append(self, token: int) -> None:
        self.tokens[self.known] = token
        self.known += 1


@dataclass(frozen=True, eq=False, slots=True)
class Kept:
    """Computed tokens that no answer needs now, and a copy of what was computed."""

    tokens: Tokens
    state: State


@dataclass(frozen=True, slots=True)
class _Begin:
    """The longest known beginning of a prompt, and where it lies."""

    length: int = 0
    source: Slot | Kept | None = None


@dataclass(slots=True)
class Slots:
    """The sequences of a context, one for each running answer, and beside it copies of what
    others have computed. A prompt begins with the longest beginning that either holds.

    Copies, because what stays in the context slows down every answer: attention on a CPU looks at
    each token of all sequences, if only to leave it out.

    whole: this model's sequences can be copied as a whole only, not up to a place.
    limit_tokens: of all copies; the least recently used go first.
    """

    context: Context
    whole: bool
    limit_tokens: int
    kept: list[Kept] = field(init=False, default_factory=list)  # last used last
    # A heap: llama.cpp evaluates separate sequences together only if they are neighbours.
    _free: list[int] = field(init=False)
    _live: list[Slot] = field(init=False, default_factory=list)
    _last: tuple[Slot, Kept] | None = field(init=False, default=None)
    _place: State | None = field(init=False, default=None)  # memory for the next such copy

    def __post_init__(self) -> None:
        self._free = list(range(self.context.size.sequences))

    def worth_waiting(self, slot: Slot, others: Iterable[Slot], least: int) -> bool:
        """Whether one of the others, placed and running, is about to compute at least so many more
        of the slot's tokens than there are already."""
        wanted, have = _reusable(slot), self._begin(slot).length
        for other in others:
            shared = _shared(wanted, other.tokens[: other.known])
            # A whole state is of use at the one moment when it is of these tokens and no others.
            useful = shared == len(wanted) == other.known - 1 if self.whole else True
            if useful and shared - have >= least and shared > other.done:
                return True
        return False

    def part(self, slot: Slot, count: int) -> int:
        """How many of the next `count` tokens to compute in one go: a state that may be copied is
        left to be copied before the last token."""
        return count - 1 if self.whole and count == slot.missing > 1 else count

    def place(self, slot: Slot) -> None:
        """Give the slot a sequence that holds what is known of its tokens already."""
        begin = self._begin(slot)
        slot.sequence = heappop(self._free)
        slot.done = slot.cached = self._copied(begin, slot.sequence)
        self._live.append(slot)

    def keep(self, slot: Slot) -> None:
        """The answer has ended or is to go on later: what is computed may be used again."""
        self._live.remove(slot)
        self._last = None
        computed = slot.tokens[: slot.done]
        if len(computed) <= self.limit_tokens and not self._covered(computed):
            self._keep(Kept(computed, self.context.state(slot.sequence)))
        self.context.cut(slot.sequence)
        heappush(self._free, slot.sequence)
        slot.sequence, slot.done = UNPLACED, 0

    def adopt(self, kept: Iterable[Kept]) -> None:
        """Keep what was computed in an earlier life, the last used last."""
        for each in kept:
            self._keep(each)

    def recover(self, slot: Slot) -> None:
        """After an evaluation that was broken off: forget what it may have left behind."""
        if not self.context.cut(slot.sequence, slot.done):
            self.context.cut(slot.sequence)
            slot.done = slot.cached = 0

    def _copied(self, begin: _Begin, sequence: int) -> int:
        """Put the beginning into an empty sequence; returns its length."""
        source = begin.source
        if source is None:
            return 0
        if isinstance(source, Kept):
            self.kept.remove(source)
            if begin.length < len(source.tokens):  # else all of it comes back, and longer
                self.kept.append(source)
        elif self.context.size.separate:
            source = self._copy(source)
        else:
            self.context.fork(source.sequence, sequence, begin.length)
            return begin.length
        if not self.context.restore(sequence, source.state):
            return 0
        self.context.cut(sequence, begin.length)
        return begin.length

    def _copy(self, slot: Slot) -> Kept:
        """Of a running slot; the same for all that begin with it in one step."""
        if not self._last or self._last[0] is not slot or len(self._last[1].tokens) != slot.done:
            state = self.context.state(slot.sequence, self._place)
            if self._place is None or len(state) > len(self._place):
                self._place = state
            self._last = slot, Kept(slot.tokens[: slot.done], state)
        return self._last[1]

    def _keep(self, kept: Kept) -> None:
        self.kept = [each for each in self.kept if self._saved(each.tokens, kept) >= LEAST_TOKENS]
        self.kept.append(kept)
        while sum(len(each.tokens) for each in self.kept) > self.limit_tokens:
            del self.kept[0]

    def _covered(self, tokens: Tokens) -> bool:
        """Whether a copy of these tokens is pointless."""
        saved = (self._saved(tokens, kept) for kept in self.kept)
        return min(saved, default=len(tokens)) < LEAST_TOKENS

    def _saved(self, tokens: Tokens, beside: Kept) -> int:
        """How many of these tokens a copy saves beside another one."""
        shared = _shared(tokens, beside.tokens)
        return len(tokens) - (0 if self.whole and shared < len(beside.tokens) else shared)

    def _begin(self, slot: Slot) -> _Begin:
        wanted, best = _reusable(slot), _Begin()
        held: list[tuple[Tokens, Slot | Kept]] = [(each.tokens, each) for each in self.kept]
        held += [(live.tokens[: live.done], live) for live in self._live]
        for tokens, source in held:
            shared = _shared(wanted, tokens)
            if self.whole and shared < len(tokens):
                continue
            if shared >= max(best.length, 1):
                best = _Begin(shared, source)
        return best


def _reusable(slot: Slot) -> Tokens:
    # The last token is computed in any case, for what follows it is wanted.
    return slot.tokens[: slot.known - 1]


def _shared(one: Tokens, other: Tokens) -> int:
    """Length of the longest common beginning."""
    length = min(len(one), len(other))
    different = one[:length] != other[:length]
    first = int(different.argmax()) if length else 0
    return first if length and different[first] else length
