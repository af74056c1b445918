import ssl
from pathlib import Path

import pytest

from tests.cli.certificates import self_signed
from trinax.errors import BadSetting
from trinax.settings import Server, Settings
from trinax.web.tls import context


def settings(base: Path, certificate: str = "certificate.pem", key: str = "key.pem") -> Settings:
    return Settings(base=base, server=Server(tls_certificate=certificate, tls_key=key))


def test_without_a_certificate_there_is_no_tls(tmp_path: Path) -> None:
    assert context(Settings(base=tmp_path)) is None


def test_tls_begins_at_1_2(tmp_path: Path) -> None:
    self_signed(tmp_path)
    made = context(settings(tmp_path))
    assert made is not None
    assert made.minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_key_alone_is_not_enough(tmp_path: Path) -> None:
    self_signed(tmp_path)
    with pytest.raises(BadSetting, match="tls_certificate"):
        context(settings(tmp_path, certificate=""))
    with pytest.raises(BadSetting, match="tls_key"):
        context(settings(tmp_path, key=""))


def test_a_file_that_is_not_there_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=r"server\.tls_certificate.*No such file") as refused:
        context(settings(tmp_path))
    assert str(tmp_path) not in str(refused.value)


def test_the_key_of_another_certificate_is_refused(tmp_path: Path) -> None:
    self_signed(tmp_path)
    (tmp_path / "other").mkdir()
    self_signed(tmp_path / "other")
    with pytest.raises(BadSetting, match="its key"):
        context(settings(tmp_path, key="other/key.pem"))


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    self_signed(tmp_path)
    (tmp_path / "certificate.pem").write_text("no certificate")
    with pytest.raises(BadSetting, match="PEM certificate"):
        context(settings(tmp_path))
