"""Every rule that a stream of the Responses API keeps, checked on its bytes."""

import json
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any, get_args

from openai.types.responses import ResponseStreamEvent

from tests.conformance.framing import data_of, events

# Kind → the SDK's own record of it.
RECORDS = {
    get_args(record.model_fields["type"].annotation)[0]: record
    for record in get_args(get_args(ResponseStreamEvent)[0])
}
BEGINNING = ["response.created", "response.in_progress"]
ENDS = {"response.completed", "response.incomplete", "response.failed"}
# Kind of a delta → what is whole in the event at its end.
WHOLE = {
    "response.output_text": "text",
    "response.reasoning_text": "text",
    "response.function_call_arguments": "arguments",
}

Event = dict[str, Any]


def response_of(data: bytes) -> dict[str, Any]:
    """The response that the last event tells. Raises AssertionError for the first rule that is
    broken."""
    told = [_event(event) for event in events(data) if not event.startswith(":")]
    kinds = [event["type"] for event in told]
    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    assert kinds[:2] == BEGINNING
    assert kinds[-1] in ENDS
    assert not {*kinds[2:-1]} & {*BEGINNING, *ENDS}
    response: dict[str, Any] = told[-1]["response"]
    assert response["status"] == kinds[-1].removeprefix("response.")
    assert len({event["response"]["id"] for event in (*told[:2], told[-1])}) == 1
    assert response["output"] == _items(told[2:-1])
    return response


def _event(text: str) -> Event:
    name, line = text.split("\n")
    event: Event = json.loads(data_of(line))
    assert name == f"event: {event['type']}"
    RECORDS[event["type"]].model_validate(_with_known_code(event))
    return event


def _with_known_code(event: Event) -> Event:
    """The codes of failures are trinax's own, which the SDK lets pass unread."""
    response = event.get("response") or {}
    if not response.get("error"):
        return event
    return event | {"response": response | {"error": {**response["error"], "code": "server_error"}}}


def _items(told: Sequence[Event]) -> list[dict[str, Any]]:
    """The whole ones, in their order."""
    by_index: defaultdict[int, list[Event]] = defaultdict(list)
    for event in told:
        by_index[event["output_index"]].append(event)
    assert list(by_index) == list(range(len(by_index))), "items begin in another order"
    return [_item(each) for each in by_index.values()]


def _item(told: Sequence[Event]) -> dict[str, Any]:
    first, *between, last = told
    assert first["type"] == "response.output_item.added"
    assert last["type"] == "response.output_item.done"
    whole: dict[str, Any] = last["item"]
    assert whole["id"] == first["item"]["id"]
    assert {event["item_id"] for event in between} <= {whole["id"]}
    parts = [event for event in between if "content_part" in event["type"]]
    kinds = [event["type"].rpartition(".")[2] for event in parts]
    assert kinds == ([] if whole["type"] == "function_call" else ["added", "done"])
    if parts:
        assert (between[0], between[-1]) == (parts[0], parts[-1])
        assert whole["content"] == [parts[-1]["part"]]
    _check_deltas([event for event in between if event not in parts], whole)
    return whole


def _check_deltas(told: Sequence[Event], whole: dict[str, Any]) -> None:
    """The deltas of an item, then the whole of them."""
    said = [event for event in told if "annotation" not in event["type"]]
    for kind, run in groupby(said, lambda event: event["type"].rpartition(".")[0]):
        *deltas, done = run
        text = "".join(event["delta"] for event in deltas)
        assert done["type"] == f"{kind}.done"
        assert done[WHOLE[kind]] == text
        assert text == (whole["arguments"] if "arguments" in whole else whole["content"][0]["text"])
