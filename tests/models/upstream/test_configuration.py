from pathlib import Path
from typing import Any

import pytest

from trinax.errors import BadSetting
from trinax.models.ports import ModelInfo
from trinax.models.upstream.configuration import generators
from trinax.settings import Settings, Upstream

URL = "http://127.0.0.1:1/v1"


def upstream(**settings: Any) -> Upstream:
    return Upstream(**{"url": URL, "models": {"here": "there"}, **settings})


def test_each_model_is_a_generator_with_what_the_settings_say_of_it() -> None:
    box = upstream(
        models={"a": "A", "b": "B"},
        roles={"b": ("fast", "deep")},
        context_tokens={"b": 4096},
        paid=("b",),
    )
    first, second = generators(Settings(upstreams={"box": box}))
    assert first.info == ModelInfo("a", "generate", source="box", template=True)
    assert second.info.roles == ("fast", "deep")
    assert second.info.context_tokens == 4096
    assert (first.info.paid, second.info.paid) == (False, True)


def test_without_upstreams_there_are_none() -> None:
    assert generators(Settings()) == []


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"url": ""}, "box.url"),
        ({"url": "localhost:8080/v1"}, "box.url"),
        ({"url": "ftp://x/v1"}, "box.url"),
        ({"url": "http://user:pass@x/v1"}, "box.url"),
        ({"url": "http://x:port/v1"}, "box.url"),
        ({"url": "http://[::1/v1"}, "box.url"),
        ({"models": {}}, "box.models"),
        ({"models": {"auto": "x"}}, "box.models.*'auto'"),
        ({"models": {"trinax-extract": "x"}}, "box.models.*'trinax-extract'"),
        ({"roles": {"here": ("boss",)}}, "box.roles.*fast"),
        ({"roles": {"where": ("fast",)}}, "box.models.*where"),
        ({"context_tokens": {"where": 1}}, "box.models.*where"),
        ({"paid": ("where",)}, "box.models.*where"),
        ({"context_tokens": {"here": -1}}, "box.context_tokens"),
        ({"timeout_s": 0}, "box.timeout_s"),
        ({"retries": -1}, "box.retries"),
        ({"limit": -1}, "box.limit"),
        ({"key": "a", "key_file": "b"}, "box.key_file"),
        ({"key_file": "missing"}, "box.key_file.*readable"),
        ({"key": "a b"}, "box.key.*without blanks"),
    ],
)
def test_what_cannot_work_is_named_at_the_start(settings: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadSetting, match=complaint):
        generators(Settings(upstreams={"box": upstream(**settings)}))


def test_an_id_belongs_to_one_upstream() -> None:
    with pytest.raises(BadSetting, match=r"two\.models.*'here'"):
        generators(Settings(upstreams={"one": upstream(), "two": upstream()}))


def test_a_key_is_read_from_its_file_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-secret\n")
    assert generators(Settings(upstreams={"box": upstream(key_file="key")}, base=tmp_path))


def test_a_wrong_key_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-schön")
    with pytest.raises(BadSetting) as wrong:
        generators(Settings(upstreams={"box": upstream(key_file="key")}, base=tmp_path))
    assert "sk-" not in str(wrong.value)
    assert "sk-secret" not in repr(upstream(key="sk-secret"))
