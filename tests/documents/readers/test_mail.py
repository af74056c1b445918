from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from trinax.documents.readers.mail import extracted, folder
from trinax.errors import UnreadableDocument

PAGE = "<p>From the <b>page</b><ul><li>é</ul>"


@pytest.fixture
def message() -> EmailMessage:
    found = EmailMessage(SMTP)
    found["From"] = "Zoë <zoe@example.org>"
    found["To"] = "a@example.org, b@example.org"
    found["Date"] = "Fri, 01 Mar 2024 10:00:00 +0100"
    found["Subject"] = "Größe – 日本"
    return found


HEAD = (
    "# Größe – 日本\n\nFrom: Zoë <zoe@example.org>\nTo: a@example.org, b@example.org\n"
    "Date: Fri, 01 Mar 2024 10:00:00 +0100\n\n"
)


def test_a_message_says_who_wrote_what_to_whom(message: EmailMessage) -> None:
    message.set_content("Hëllo,\n\n- one\n- two 🙂\n")
    found = extracted(message.as_bytes())
    assert found.text == f"{HEAD}Hëllo,\n\n- one\n- two 🙂"
    assert found.title == "Größe – 日本"


def test_plain_text_stands_for_the_page_beside_it(message: EmailMessage) -> None:
    message.set_content("The text.")
    message.add_alternative(PAGE, subtype="html")
    assert extracted(message.as_bytes()).text == f"{HEAD}The text."


@pytest.mark.parametrize("plain", ["", "  \n"])
def test_a_page_is_read_where_there_is_no_text(message: EmailMessage, plain: str) -> None:
    message.set_content(plain)
    message.add_alternative(PAGE, subtype="html")
    assert extracted(message.as_bytes()).text == f"{HEAD}From the page\n\n- é"


def test_attachments_are_listed_by_name_and_pictures_of_the_page_are_none(
    message: EmailMessage,
) -> None:
    message.set_content(PAGE, subtype="html")
    message.add_related(
        b"x", "image", "png", cid="<1@x>", filename="logo.png", disposition="inline"
    )
    message.add_attachment(b"%PDF", "application", "pdf", filename="Größe.pdf")
    message.add_attachment("not read", filename="notes.txt")
    found = extracted(message.as_bytes()).text
    assert found == f"{HEAD}From the page\n\n- é\n\nAttachments: Größe.pdf, notes.txt"


def test_a_forwarded_message_is_read_with_its_head(message: EmailMessage) -> None:
    message.set_content("See below.")
    inner = EmailMessage(SMTP)
    inner["Subject"] = "Inner"
    inner["From"] = "c@example.org"
    inner.set_content("The news.")
    message.add_attachment(inner, disposition="inline")
    found = extracted(message.as_bytes()).text
    assert found == f"{HEAD}See below.\n\n## Inner\n\nFrom: c@example.org\n\nThe news."


@pytest.mark.parametrize("charset", ["iso-8859-1", "unheard-of", "us-ascii"])
def test_a_wrong_or_old_encoding_is_read(charset: str) -> None:
    head = f"Subject: s\nContent-Type: text/plain; charset={charset}\n\n"
    assert extracted(head.encode() + "Größe".encode("cp1252")).text == "# s\n\nGröße"


def test_a_header_that_is_broken_is_shown_as_it_is() -> None:
    subject = extracted(b"Subject: =?utf-8?b?w?= =?no-code?q?x?=\n\nbody").title
    assert subject == "=?utf-8?b?w?= =?no-code?q?x?="


def test_a_folder_holds_its_messages_in_order() -> None:
    one = b"From a@x Fri Mar  1 10:00:00 2024\nSubject: One\n\n>From here on\n\n"
    two = b"From b@x Fri Mar  1 11:00:00 2024\r\nSubject: Two\r\n\r\nSecond.\r\n"
    found = folder(one + two)
    assert found.text == "# One\n\nFrom here on\n\n# Two\n\nSecond."
    assert folder(b"").text == ""


@pytest.mark.parametrize("read", [extracted, folder])
def test_what_is_no_message_is_refused(read: Callable[[bytes], object]) -> None:
    with pytest.raises(UnreadableDocument, match=r"^a message without sender"):
        read(b"just words, no header\n\nat all")


@pytest.mark.timeout(20)
def test_a_message_that_nests_without_end_is_read_or_refused() -> None:
    head = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"
    data = "Subject: s\n" + "".join(head.format(depth) for depth in range(2_000))
    with pytest.raises(UnreadableDocument, match="nests too deeply"):
        extracted(data.encode())
