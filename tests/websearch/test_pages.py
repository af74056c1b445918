import pytest

from trinax.websearch.failures import PageFailed
from trinax.websearch.fetching import Fetched
from trinax.websearch.pages import TEXT_LIMIT_CHARACTERS, page, place, snippet
from trinax.websearch.records import Result

URL = "https://www.example.org/keepers/?lang=en"


def fetched(content: str | bytes, kind: str = "html", charset: str = "") -> Fetched:
    raw = content.encode() if isinstance(content, str) else content
    return Fetched(URL, kind, charset, raw)


async def test_html_becomes_readable_text() -> None:
    html = "<title>Keepers</title><nav>Home</nav><h1>Who</h1><p>Marta <b>Lindqvist</b>"
    read = await page(fetched(html))
    assert read.document.text == "# Who\n\nMarta Lindqvist"
    assert (read.document.title, read.document.kind, read.url) == ("Keepers", "html", URL)
    assert not read.document.exact


@pytest.mark.parametrize("kind", ["text", "markdown", "json"])
async def test_text_stays_as_it_is(kind: str) -> None:
    read = await page(fetched('{"a": 1}\r\n# b', kind))
    assert read.document.text == '{"a": 1}\r\n# b'
    assert read.document.kind == kind


def test_a_page_stands_at_its_address() -> None:
    assert place(URL) == "www.example.org/keepers?lang=en"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("<p>Zürich".encode("latin-1"), "iso-8859-1"),
        ("<p>Zürich".encode("utf-16"), "utf-16"),
        ("<p>Zürich".encode(), "no-such-charset"),
        ("<p>Zürich".encode(), "base64"),
        ("<p>Zürich".encode(), "ascii"),
        ("<p>Zürich".encode(), ""),
        (b'<meta charset="latin-1"><p>Z\xfcrich', ""),
    ],
)
async def test_the_characters_are_told_by_the_server_or_the_bytes(
    content: bytes, charset: str
) -> None:
    assert (await page(fetched(content, charset=charset))).document.text == "Zürich"


async def test_half_a_character_of_a_charset_is_not_believed() -> None:
    read = await page(fetched(b"<p>+2AA-", charset="utf-7"))
    assert read.document.text == "+2AA-"


@pytest.mark.parametrize("html", ["", " \n", "<script>app()</script>", "<nav>Home</nav>"])
async def test_a_page_without_text_is_none(html: str) -> None:
    with pytest.raises(PageFailed, match="no text"):
        await page(fetched(html))


async def test_bytes_that_are_no_text_are_no_page() -> None:
    with pytest.raises(PageFailed, match="binary"):
        await page(fetched(b"\x00\x01\x02", "text"))


async def test_a_long_page_counts_by_its_beginning() -> None:
    read = await page(fetched("word " * TEXT_LIMIT_CHARACTERS, "text"))
    assert len(read.document.text) == TEXT_LIMIT_CHARACTERS


async def test_a_page_that_grows_while_it_is_read_is_stopped() -> None:
    # Every paragraph opens the five hundred fonts anew: some ten gigabytes of nodes.
    fonts = "".join(f"<font id={n}>" for n in range(500))
    with pytest.raises(PageFailed, match="too much"):
        await page(fetched(f"<p>{fonts}</p>{'<p>x' * 200_000}"))


async def test_a_page_that_takes_for_ever_to_read_is_stopped() -> None:
    with pytest.raises(PageFailed, match="too much"):
        await page(fetched("<div>" * 200_000 + "x"))


def test_a_snippet_stands_for_its_page() -> None:
    shown = snippet(Result("Keepers", URL, "Marta Lindqvist keeps the light."))
    assert shown.url == URL
    assert shown.document.text == "Marta Lindqvist keeps the light."
    assert (shown.document.title, shown.document.file) == ("Keepers", place(URL))
