"""Log probabilities in OpenAI's older shape."""

from codecs import getincrementaldecoder
from collections.abc import Sequence

from trinax.models.ports import TokenLogprob
from trinax.web.openai.completions.shapes import TextLogprobs


class LogprobTables:
    """Of one choice, part by part."""

    def __init__(self) -> None:
        self._offset = 0
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def part(self, logprobs: Sequence[TokenLogprob]) -> TextLogprobs:
        return {
            "tokens": [_spelled(token) for token in logprobs],
            "token_logprobs": [token.logprob for token in logprobs],
            "top_logprobs": [_top(token) for token in logprobs],
            "text_offset": [self._passed(token) for token in logprobs],
        }

    def _passed(self, token: TokenLogprob) -> int:
        """Where the token begins; the next one begins behind it."""
        begins = self._offset
        self._offset += len(self._decoder.decode(token.bytes))
        return begins


def mean(logprobs: Sequence[TokenLogprob]) -> float:
    """How likely a text is by its tokens, whatever their number; -inf for none."""
    if not logprobs:
        return float("-inf")
    return sum(token.logprob for token in logprobs) / len(logprobs)


def _top(token: TokenLogprob) -> dict[str, float]:
    return {_spelled(one): one.logprob for one in (*token.top, token)}


def _spelled(token: TokenLogprob) -> str:
    # As OpenAI spells them; as text they would all be the same.
    try:
        return token.bytes.decode()
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in token.bytes)
