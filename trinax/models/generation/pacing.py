"""How many tokens of prompts a step may take, so that running answers do not stall."""

# A step with parts of prompts in it takes at most this many times one without, or so long if that
# is more: half a dozen steps of a fast model are shown together anyway (see outbox.py). The gap
# that a reader sees stays below three times the usual one, with room for what the estimate misses.
STALL = 2.2
STEP_S = 0.09
# A step that only reads is kept short too, for whoever asks meanwhile waits for its end; but not
# shorter than this, for the attention of llama.cpp's CPU backend works in tiles of 64 tokens and
# takes twice as long for fewer (at a context of 3 000).
READING_S = 0.4
READING_TOKENS = 128
LEAST_TOKENS = 4
FIRST_GUESS = 32  # tokens, before anything was measured
SMOOTHING = 0.25  # weight of the last step in the running means


class Pace:
    """Learns from each step what the next may hold."""

    def __init__(self, limit_tokens: int) -> None:
        """limit_tokens: what a step can hold."""
        self._limit = limit_tokens
        self._answer_s: dict[int, float] = {}  # answers written at once → seconds of a step
        self._token_s = 0.0  # seconds that a token of a prompt adds

    def budget(self, answers: int, prompts: int = 1) -> int:
        """Tokens of so many prompts beside so many answers, in [1, limit_tokens - answers].

        Where more wait to be read than are written, these may pause for longer: larger parts are
        read faster, and whoever waits does not read yet.
        """
        if answers == 0:
            wanted = max(READING_TOKENS, READING_S / (self._token_s or READING_S))
        elif self._token_s and self._answer_s:
            usual_s = self._usual_s(answers)
            longest_s = max(STALL * usual_s, STEP_S)
            if prompts > answers:
                longest_s = max(longest_s, min(READING_S, longest_s * prompts / answers))
            wanted = (longest_s - usual_s) / self._token_s
        else:
            wanted = FIRST_GUESS
        return max(1, min(max(LEAST_TOKENS, int(wanted)), self._limit - answers))

    def note(self, answers: int, prompt_tokens: int, took_s: float) -> None:
        """A step that wrote a token of each of so many answers and read so much."""
        if prompt_tokens == 0:
            usual_s = self._answer_s.get(answers, took_s)
            self._answer_s[answers] = usual_s + SMOOTHING * (took_s - usual_s)
        elif answers == 0 or self._answer_s:
            alone_s = self._usual_s(answers) if answers else 0.0
            token_s = max(took_s - alone_s, 0.05 * took_s) / prompt_tokens
            self._token_s += (SMOOTHING if self._token_s else 1.0) * (token_s - self._token_s)

    def _usual_s(self, answers: int) -> float:
        nearest = min(self._answer_s, key=lambda measured: abs(measured - answers))
        return self._answer_s[nearest]
