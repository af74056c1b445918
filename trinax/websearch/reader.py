"""A process of its own for strangers' HTML: from its standard input to {title, text}.

A page of a megabyte can be built to grow to gigabytes, or to hours, while it is parsed.
"""

import json
import sys

from trinax.documents.readers.webpage import page

MEMORY_LIMIT_BYTES = 1 << 30
TIME_LIMIT_S = 5


def main() -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (TIME_LIMIT_S, TIME_LIMIT_S))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = page(sys.stdin.buffer.read().decode("utf-8", "replace"))
    json.dump({"title": found.title, "text": found.text}, sys.stdout)


if __name__ == "__main__":
    main()
