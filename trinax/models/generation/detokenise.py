"""From the bytes of tokens to text that can be shown: whole characters, no stop strings."""

import codecs
from collections.abc import Sequence


class Text:
    """The text of one choice as it grows.

    Bytes of an unfinished character wait for the rest; bytes that can never be one become U+FFFD.
    Text that may be the beginning of a stop string waits too, and a stop string ends everything.
    lead: dropped if the text begins with it.
    """

    def __init__(self, stop: Sequence[str] = (), lead: str = "") -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stop = tuple(text for text in stop if text)
        self._lead = lead
        self._held = ""
        self.stopped = False

    def feed(self, data: bytes) -> str:
        """What can be shown now; "" if nothing is certain, or after the end."""
        return self._checked(self._decoder.decode(data))

    def finish(self) -> str:
        """What was held back, at the end of the choice."""
        shown = self._checked(self._decoder.decode(b"", final=True)) + self._held
        self._held = ""
        return shown

    def _checked(self, text: str) -> str:
        if self.stopped:
            return ""
        if self._lead and text:
            text, self._lead = text.removeprefix(self._lead), ""
        if not self._stop:
            return text
        text = self._held + text
        found = [at for stop in self._stop if (at := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        keep = _begun(text, self._stop)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _begun(text: str, stops: Sequence[str]) -> int:
    """Length of the longest end of text that a stop string begins with."""
    longest = max((len(stop) for stop in stops), default=1) - 1
    for length in range(min(longest, len(text)), 0, -1):
        if any(stop.startswith(text[-length:]) for stop in stops):
            return length
    return 0
