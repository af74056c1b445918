import pytest

from trinax.documents.readers.webpage import page


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<h1>Top</h1><p>One <b>bold</b>\n word.<h2>Sub</h2>x",
            "# Top\n\nOne bold word.\n\n## Sub\n\nx",
        ),
        ("<h1></h1><p>a<h2> </h2>b<h3><img src=x></h3>", "a\n\nb"),
        ("a<br>b &amp; c&nbsp;d", "a\nb & c\xa0d"),
        ("<ul><li><p>one</p><li>two<ul><li>in</ul></ul>", "- one\n\n- two\n  - in"),
        ("<table><tr><th>A<th>B<tr><td><p>1</p><td>x <i>y</i></table>", "| A | B |\n| 1 | x y |"),
        ("<table><tr><td>a<td><tr><td><td>b</table>", "| a | |\n| | b |"),
        ("<table><tr><td><h2>Lay</h2>out<td>b</table>", "## Lay\n\nout\nb"),
        ("<pre>def f():\n    <b>return</b> 1\n</pre>", "```\ndef f():\n    return 1\n```"),
        ("<pre>```\nx\n```</pre>", "````\n```\nx\n```\n````"),
        ("<dl><dt>term<dd>meaning</dl>", "term\nmeaning"),
        ('<p>See <img src=x alt="a chart"> here', "See a chart here"),
        ("<script>bad()</script><style>p{}</style><nav>Home</nav>text", "text"),
        ("<div><article><footer>signed</footer></article></div><footer>legal</footer>", "signed"),
        ("<p>unclosed <b>tags <i>everywhere", "unclosed tags everywhere"),
        ("plain text", "plain text"),
        ("", ""),
        ("<frameset><frame></frameset>", ""),
    ],
)
def test_a_page_reads_as_markdown(html: str, expected: str) -> None:
    assert page(html).text == expected


def test_the_main_part_stands_for_the_page() -> None:
    html = f"<div>Menu</div><main>{'word ' * 50}</main><div>Ads</div>"
    assert page(html).text == ("word " * 50).strip()


def test_a_main_part_that_is_not_keeps_the_rest() -> None:
    html = f"<main>Skip</main><div>{'word ' * 50}</div>"
    assert "word" in page(html).text


def test_the_title_is_the_pages_or_its_heading() -> None:
    assert page("<title> My\n page </title><h1>Other</h1>").title == "My page"
    assert page("<h1>Only <i>this</i></h1>").title == "Only this"
    assert page("<p>nothing").title == ""


@pytest.mark.timeout(20)
@pytest.mark.parametrize("tag", ["div", "ul", "table", "b", "pre", "li", "td"])
def test_a_page_that_nests_without_end_is_read(tag: str) -> None:
    assert "deep" in page(f"<{tag}>" * 3_000 + "deep").text


@pytest.mark.parametrize("opening", ["<ul><li>", "<table><tr><td>", "<div>"])
def test_nesting_without_end_is_read(opening: str) -> None:
    text = page(opening * 5000 + "deep").text
    assert "deep" in text
    assert len(text) < 5000 * 50
