from pathlib import Path

import pytest

from trinax.access.admin_token import admin_token
from trinax.errors import BadSetting
from trinax.settings import Access, Settings


def found(base: Path, access: Access) -> str:
    return admin_token(Settings(base=base, access=access))


def test_the_token_is_the_setting(tmp_path: Path) -> None:
    assert found(tmp_path, Access(admin_token="s3cret")) == "s3cret"


def test_the_token_is_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    assert found(tmp_path, Access(admin_token_file="token")) == "s3cret"


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"])
def test_a_file_without_a_token_stops_the_server(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(BadSetting, match="admin_token_file"):
        found(tmp_path, Access(admin_token_file="token"))


def test_a_missing_file_stops_the_server(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="readable"):
        found(tmp_path, Access(admin_token_file="gone"))


def test_two_tokens_stop_the_server(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="absent"):
        found(tmp_path, Access(admin_token="a", admin_token_file="b"))
