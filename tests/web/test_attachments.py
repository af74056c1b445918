import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.answering.writers import Parrot
from tests.ingest.hostile.archives import swollen
from tests.web.asking import CHAT, KEEPER, READ, body, frames
from tests.web.attaching import ENGINE, KINDS, NOTE, PDF, note, packed, part, url
from tests.web.conftest import LAN, folders, serving
from tests.web.limits.conftest import key
from trinax.settings import Access, Attachments, Audit, Plan, Server, Settings

NATIVE, GENERATE = "/api/v1/chat", "/api/v1/generate"
RESPONSES, RESEARCH, SEARCH = "/v1/responses", "/v1/research", "/v1/search"
STRANGE = "What did the parliament of Iceland decide on whaling?"
SMALL = Attachments(files=2, limit_bytes=1000, limit_characters=400)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """With limits that a test can pass."""
    settings = folders(tmp_path_factory.mktemp("small"))
    with serving(replace(settings, attachments=SMALL)) as http:
        yield http


def asked(http: TestClient, question: str = ENGINE, *attached: Any, **fields: Any) -> Any:
    sent = body(question, attachments=[*attached] or [note()], **fields)
    answer = http.post(CHAT, json=sent)
    assert answer.status_code == 200, answer.text
    return answer.json()


def text(answer: Any) -> str:
    return str(answer["choices"][0]["message"]["content"])


def sources(answer: Any) -> Any:
    return answer["trinaxai"]["sources"]


def refusal(http: TestClient, *attached: Any, path: str = CHAT, **fields: Any) -> Any:
    answer = http.post(path, json=body(ENGINE, attachments=[*attached], **fields))
    assert answer.status_code == 400, answer.text
    return answer.json()["error"]


def test_an_attachment_is_answered_from_and_cited(http: TestClient) -> None:
    answer = asked(http)
    (source,) = sources(answer)
    assert "made by Sabb" in text(answer)
    assert (source["n"], source["file"], source["collection_id"]) == (1, "notes.md", "attachment")
    assert (source["url"], source["start_line"], source["end_line"]) == (None, 1, 7)
    assert answer["trinaxai"]["grounding"]["verdict"] == "answered"
    assert answer["trinaxai"]["grounding"]["support"][0]["sources"] == [1]


def test_a_citation_can_be_checked_with_the_file_that_was_sent(http: TestClient) -> None:
    sent = "\ufeffDie Größe.\r\n\r\n" + NOTE
    (source,) = sources(asked(http, ENGINE, packed("notes.md", sent.encode())))
    cited = sent.encode()[source["start_byte"] : source["end_byte"]]
    assert hashlib.sha256(cited).hexdigest() == source["sha256"]


@pytest.mark.parametrize("name", KINDS)
def test_formats_are_those_of_collections(http: TestClient, name: str) -> None:
    answer = asked(http, ENGINE, packed(name, KINDS[name]))
    assert "made by Sabb" in text(answer)
    assert {source["file"] for source in sources(answer)} == {name}


def test_pages_of_a_pdf_are_cited(http: TestClient) -> None:
    found = sources(asked(http, ENGINE, packed("boat.pdf", PDF)))
    assert [source["page"] for source in found] == [1, 2]


@pytest.mark.parametrize("name", KINDS)
def test_a_chat_message_brings_files_as_openais_do(http: TestClient, name: str) -> None:
    parts = [{"type": "text", "text": ENGINE}, part(name)]
    sent = {"messages": [{"role": "user", "content": parts}], "collections": []}
    answer = http.post(CHAT, json=sent).json()
    assert "made by Sabb" in text(answer)
    assert sources(answer)[0]["file"] == name


def test_a_file_of_an_earlier_message_is_still_there(http: TestClient) -> None:
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "What is this?"}, part("notes.md")]},
        {"role": "assistant", "content": "Notes on a boat."},
        {"role": "user", "content": ENGINE},
    ]
    assert "made by Sabb" in text(http.post(CHAT, json={"messages": turns}).json())


def test_without_a_name_the_type_says_what_it_is(http: TestClient) -> None:
    unnamed = {"type": "file", "file": {"file_data": url("notes.pdf")}}
    parts = [{"type": "text", "text": ENGINE}, unnamed]
    answer = http.post(CHAT, json={"messages": [{"role": "user", "content": parts}]}).json()
    assert sources(answer)[0]["file"] == "attachment 1.pdf"


def test_responses_take_files(http: TestClient) -> None:
    file = {"type": "input_file", "filename": "notes.pdf", "file_data": url("notes.pdf")}
    content = [file, {"type": "input_text", "text": ENGINE}]
    answer = http.post(RESPONSES, json={"input": [{"role": "user", "content": content}]}).json()
    (message,) = answer["output"]
    assert "made by Sabb" in message["content"][0]["text"]
    assert message["content"][0]["annotations"][0]["filename"] == "notes.pdf"
    same = {"input": ENGINE, "attachments": [note()]}
    assert http.post(RESPONSES, json=same).json()["trinaxai"]["sources"][0]["file"] == "notes.md"


@pytest.mark.parametrize(
    ("path", "sent"),
    [(NATIVE, body(ENGINE)), (GENERATE, {"prompt": ENGINE}), ("/task" + CHAT, body(ENGINE))],
)
def test_other_wires_take_attachments(settings: Settings, path: str, sent: Any) -> None:
    with serving(settings, Parrot("It is Sabb [1].")) as http:
        answer = http.post(path, json={**sent, "attachments": [note()]}).json()
    found = answer.get("sources") or answer["trinaxai"]["sources"]
    assert found[0]["file"] == "notes.md"


def test_a_stream_tells_the_same(http: TestClient) -> None:
    sent = body(ENGINE, attachments=[note()], stream=True)
    *said, last, _ = frames(http.post(CHAT, json=sent).text)
    whole = asked(http)
    assert last["trinaxai_sources"] == sources(whole)
    assert "".join(each["choices"][0]["delta"].get("content", "") for each in said) == text(whole)


@pytest.mark.parametrize(
    ("path", "sent"),
    [(NATIVE, body(ENGINE)), (GENERATE, {"prompt": ENGINE}), (RESPONSES, {"input": ENGINE})],
)
def test_streams_of_other_wires_cite_attachments(http: TestClient, path: str, sent: Any) -> None:
    answer = http.post(path, json={**sent, "attachments": [note()], "stream": True})
    assert answer.status_code == 200
    assert '"file":"notes.md"' in answer.text
    broken = {"name": "a.pdf", "data": "%%%"}
    refused = http.post(path, json={**sent, "attachments": [broken], "stream": True})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "attachment_refused")


def test_attachments_and_collections_answer_together(settings: Settings) -> None:
    parrot = Parrot("yes")
    with serving(settings, parrot) as http:
        found = sources(asked(http, KEEPER))
    first, *rest = (source["collection_id"] for source in found)
    assert (first, {*rest}) == ("attachment", {"demo"})
    prompt = "\n".join(message.content for message in parrot.generations[0].messages)
    assert 'file="attachment/notes.md"' in prompt
    assert "the user's own documents and files that the user attached" in prompt


def test_collections_that_know_nothing_give_nothing(http: TestClient) -> None:
    assert {source["collection_id"] for source in sources(asked(http))} == {"attachment"}


def test_attachments_alone_are_answered_from(settings: Settings) -> None:
    parrot = Parrot("It is Sabb [1].")
    with serving(settings, parrot) as http:
        answer = asked(http, collections=[])
    assert [source["collection_id"] for source in sources(answer)] == ["attachment"]
    assert "the user's own" not in parrot.generations[0].messages[0].content


@pytest.mark.parametrize("question", ["Summarise this file.", "Worum geht es hier?"])
def test_a_question_without_words_of_the_file_gets_it_whole(
    settings: Settings, question: str
) -> None:
    parrot = Parrot("A boat [1].")
    with serving(settings, parrot) as http:
        answer = asked(http, question)
    assert sources(answer)[0]["file"] == "notes.md"
    assert NOTE.strip() in parrot.generations[0].messages[-1].content


def test_who_quotes_begins_a_summary_at_the_beginning(http: TestClient) -> None:
    answer = asked(http, "Summarise this file.")
    assert "“The boat of the harbour is called Aurora." in text(answer)


def test_who_quotes_says_what_nothing_holds(http: TestClient) -> None:
    answer = asked(http, STRANGE)
    assert text(answer).startswith("Nothing in what you attached")
    assert answer["trinaxai"]["grounding"]["verdict"] == "insufficient"


def test_programs_get_attachments_too(settings: Settings) -> None:
    parrot = Parrot("yes")
    with serving(settings, parrot) as http:
        asked(http, STRANGE, tools=[READ])
    assert "Aurora" in parrot.generations[0].messages[-1].content


def test_a_task_on_an_attachment_needs_no_model_that_writes(http: TestClient) -> None:
    answer = http.post("/task" + CHAT, json=body(ENGINE, attachments=[note()]))
    assert "made by Sabb" in text(answer.json())


def test_names_are_labels_and_told_apart(http: TestClient) -> None:
    sent = [
        packed("../../etc/passwd", NOTE.encode()),
        note("C:\\notes.md"),
        note("notes.md", "The engine of the other boat was made by Volvo."),
        note("paper.pdf", "The engine of the third boat was made by Yanmar."),
    ]
    found = sources(asked(http, ENGINE, *sent))
    files = ["passwd", "notes.md", "notes (2).md", "paper.pdf.txt"]
    assert [source["file"] for source in found] == files


def test_a_long_attachment_is_shown_by_its_best_passages(settings: Settings) -> None:
    filling = "".join(
        f"## Part {n}\n\nNothing of interest is told in part {n}.\n\n" for n in range(99)
    )
    settings = replace(settings, attachments=Attachments(whole_tokens=100))
    with serving(settings, Parrot("yes")) as http:
        (first, *rest) = sources(asked(http, ENGINE, note(text=filling + NOTE)))
        summed = sources(asked(http, "Summarise this.", note(text=filling + NOTE)))
    assert "Sabb" in first["snippet"]
    assert len(rest) <= 7
    assert [source["start_line"] for source in summed] == sorted(s["start_line"] for s in summed)
    assert summed[0]["start_line"] == 1


def test_search_ranks_attachments_beside_collections(http: TestClient) -> None:
    sent = {"query": "keeper of the lighthouse, engine of the boat", "attachments": [note()]}
    hits = http.post(SEARCH, json={**sent, "explain": True}).json()["hits"]
    assert {hit["collection_id"] for hit in hits} == {"attachment", "demo"}
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)
    second = http.post(SEARCH, json={**sent, "limit": 1, "offset": 1}).json()["hits"]
    assert [hit["chunk_id"] for hit in second] == [hits[1]["chunk_id"]]
    alone = http.post(SEARCH, json={**sent, "collections": []}).json()["hits"]
    assert {hit["collection_id"] for hit in alone} == {"attachment"}


@pytest.mark.parametrize("stream", [False, True])
def test_research_reads_attachments(http: TestClient, stream: bool) -> None:
    query = "Who keeps the lighthouse, and who made the engine of the boat?"
    sent = {"query": query, "attachments": [note()], "stream": stream}
    answer = http.post(RESEARCH, json=sent)
    report = frames(answer.text)[-2] if stream else answer.json()
    assert {source["collection_id"] for source in report["sources"]} == {"attachment", "demo"}
    assert "Sabb" in report["answer"]


@pytest.mark.parametrize(
    ("attachment", "reason"),
    [
        ({"name": "a.md", "data": "%%%"}, "its data is no base64"),
        (packed("a.docx", b"PK\x03\x04zzz"), "a Word file that is broken"),
        (packed("a.pdf", b"%PDF-1.7 and no more"), "a broken PDF"),
        (packed("a.exe", b"MZ"), "binary, as .exe files are"),
        (packed("a.txt", b"\0\1\2\3" * 50), "binary"),
        (note(text=" \n"), "it holds no text"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(
    http: TestClient, attachment: Any, reason: str
) -> None:
    error = refusal(http, note("good.md"), attachment)
    assert (error["code"], error["param"]) == ("attachment_refused", "attachments[1]")
    assert f"Attachment {attachment['name']!r} was not taken: {reason}" in error["message"]


@pytest.mark.parametrize("name", ["bomb.docx", "laughing.docx"])
def test_a_bomb_is_refused(http: TestClient, name: str) -> None:
    bomb = dict(swollen())[name]
    assert refusal(http, packed("report.docx", bomb))["code"] == "attachment_refused"
    assert "Sabb" in text(asked(http))


@pytest.mark.parametrize("attachment", [{"name": "a.md"}, {**note(), "data": "YQ=="}])
def test_an_attachment_has_either_text_or_data(http: TestClient, attachment: Any) -> None:
    error = refusal(http, attachment)
    assert (error["code"], error["param"]) == ("invalid_request", "attachments[0]")


@pytest.mark.parametrize(
    ("file", "param", "code"),
    [
        ({"file_id": "file-abc"}, ".file.file_id", "unsupported_parameter"),
        ({"filename": "a.pdf"}, ".file.file_data", "invalid_request"),
        (None, ".file", "invalid_request"),
        ({"file_data": "data:application/pdf;base64,!"}, ".file.file_data", "attachment_refused"),
    ],
)
def test_a_part_without_its_bytes_is_refused(
    http: TestClient, file: Any, param: str, code: str
) -> None:
    parts = [{"type": "text", "text": ENGINE}, {"type": "file", "file": file}]
    answer = http.post(CHAT, json={"messages": [{"role": "user", "content": parts}]})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, code)
    assert error["param"] == f"messages[0].content[1]{param}"


@pytest.mark.parametrize("field", ["file_id", "file_url"])
def test_responses_fetch_no_files(http: TestClient, field: str) -> None:
    content = [{"type": "input_text", "text": ENGINE}, {"type": "input_file", field: "x"}]
    answer = http.post(RESPONSES, json={"input": [{"role": "user", "content": content}]})
    assert answer.json()["error"]["param"] == f"input[0].content[1].{field}"


def test_more_than_the_limits_is_refused(small: TestClient) -> None:
    many = refusal(small, *[note(f"{n}.md", "a") for n in range(3)])
    assert (many["code"], many["param"]) == ("invalid_request", "attachments[2]")
    heavy = refusal(small, note(text="a"), packed("b.md", b"b" * 1000))
    assert (heavy["param"], "over 1000 bytes" in heavy["message"]) == ("attachments[1]", True)
    long = refusal(small, note(text="word " * 90))
    assert "longer than 400 characters" in long["message"]


def test_a_body_is_longer_by_its_attachments_only(settings: Settings) -> None:
    settings = replace(settings, server=Server(body_limit_bytes=2000))
    with serving(settings) as http:
        assert "Sabb" in text(asked(http, ENGINE, note(text=f"{NOTE}\n{'so on. ' * 2000}")))
        for sent in (
            body(ENGINE + "!" * 3000),
            body(ENGINE + "!" * 3000, attachments=[note(text="a")]),
            body(ENGINE, attachments=[note(text="a")], metadata=[[] for _ in range(3000)]),
        ):
            assert http.post(CHAT, json=sent).status_code == 413
        too_much = body(ENGINE, attachments=[note(text="a" * 14_000_000)])
        assert http.post(CHAT, json=too_much).status_code == 413


def test_the_plan_of_a_key_counts_what_is_read(settings: Settings) -> None:
    plans = {"free": Plan(input_characters=len(ENGINE) + 80)}
    settings = replace(settings, plans=plans, access=Access(require_key=True))
    with serving(settings, client=LAN) as http:
        http.headers.update(key(settings, plan="free"))
        assert "Sabb" in text(asked(http, ENGINE, packed("boat.pdf", PDF)))
        refused = http.post(CHAT, json=body(ENGINE, attachments=[note()]))
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "input_too_long")


def test_a_key_without_collections_asks_about_its_own(settings: Settings) -> None:
    with serving(replace(settings, access=Access(require_key=True)), client=LAN) as http:
        http.headers.update(key(settings, collections=frozenset({"other"})))
        found = sources(asked(http, f"{KEEPER} {ENGINE}"))
    assert {source["collection_id"] for source in found} == {"attachment"}


def test_nothing_of_an_attachment_is_kept(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    secret = b"The password of the harbour is Xylophone77."
    settings = replace(settings, audit=Audit(requests="all"))
    with caplog.at_level(logging.DEBUG), serving(settings) as http:
        asked(http, "What is the password of the harbour?", packed("quiet-Zebra.md", secret))
        refusal(http, packed("quiet-Zebra.docx", b"PK" + secret))
    held = _files(settings.base)
    assert any(name.endswith("audit.jsonl") for name in held)
    for told in (*held.values(), caplog.text.encode()):
        assert b"Xylophone77" not in told
        assert b"Zebra" not in told


def _files(base: Path) -> dict[str, bytes]:
    paths = (Path(folder, name) for folder, _, names in os.walk(base) for name in names)
    return {str(path): path.read_bytes() for path in paths}
