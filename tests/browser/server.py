"""The whole application on a socket, for a browser.

    python -m tests.browser.server FOLDER open|guarded

prints its address and serves until its standard input is closed. Open, it is as it comes, and
believes this machine about where a request is from. Guarded, it asks everybody for a key or the
token, and its models say what they are told to.
"""

import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path

import uvicorn

from tests.answering.writers import Parrot
from tests.conformance.server import Endless
from tests.web.conftest import application, folders
from trinax.app import build
from trinax.settings import Access
from trinax.web.connection import Configuration

ADMIN_TOKEN = "the-admin-token"
ENDLESS = "endless"
HOSTILE = "hostile"
# What no page may take for markup, and what it should.
HOSTILE_ANSWER = """\
<img src="x" onerror="document.title = 'taken over'"> and <script>document.title = 1</script>

[a trap](javascript:alert(1)), [another](data:text/html,x), [a page](https://example.com/a_(b))

# A heading

- one
  - *nested* and **strong**
1. first

| a | b |
|---|---|
| `<b>` | 2 |

```html
<script>alert("code")</script>
```
"""

# Of several chunks, so that a citation has neighbours.
TIDES = """\
# Tides of the bay

## Gauge

The tide gauge stands at the end of the old pier. It is read twice a day by whoever is on watch, and
what it says is written into the log in pencil, because ink runs in the spray. The gauge was made
in Gothenburg and has been moved three times since the pier was first built, each time a little
further out, for the sand keeps growing on the western side of the bay.

## Bell

The fog bell of the bay is rung by a float that rises with the tide. Nobody needs to be there for
it. When the float sticks, the bell is rung by hand, every two minutes, until the fog has gone. The
rope for that hangs behind the door of the boat house, beside the lanterns and the spare oars, where
it can be found in the dark.

## Ferry

The ferry leaves at half tide, whatever the clock says. It takes forty people and two carts, or one
cart and a cow. In winter it stays on the eastern shore, because the ice comes down the river first
and has crushed two ferries already, both of which can still be seen when the water is low enough.

## Wrecks

- the Anna, 1871, on the bar
- the Freya, 1890, below the light
- the Stork, 1902, of which only the keel is left
"""


def serve(folder: Path, house: str) -> None:
    settings = folders(folder)
    (settings.collections_dir / "demo" / "tides.md").write_text(TIDES)
    if house == "guarded":
        settings = replace(settings, access=Access(admin_token=ADMIN_TOKEN, require_key=True))
        app = application(settings, Endless(ENDLESS, ()), Parrot(HOSTILE_ANSWER, HOSTILE))
    else:
        access = Access(admin_token=ADMIN_TOKEN, trusted_proxies=("127.0.0.1",))
        app = build(replace(settings, access=access))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(Configuration(app, settings))

        def stop() -> None:
            sys.stdin.read()
            server.should_exit = True

        threading.Thread(target=stop, daemon=True).start()
        print(f"http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
