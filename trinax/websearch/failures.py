"""What goes wrong on the way to another server; each is translated before it leaves the package."""


class Broken(Exception):
    """No answer, or not a whole one; `reason` is a clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PageFailed(Exception):
    """A page is not to be had, or has no text; `reason` is a clause."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
