"""How long each stage of a search takes."""

import time


class Stopwatch:
    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Call what has run since the last lap, or since the start, `name`."""
        now = time.perf_counter()
        self.laps_ms[name] = round(1000 * (now - self._last), 3)
        self._last = now
