import struct
from pathlib import Path

import gguf
import pytest
from gguf.constants import GGML_QUANT_SIZES

from tests.gguf_files import CHATML, TOKENS, WIDTH, tiny_llama
from trinax.models.catalogue.gguf_metadata import TENSOR_TYPES, BrokenHeader, read_header


def test_scalars_are_read_and_long_arrays_left_out(models: Path) -> None:
    values = read_header(models / "counting.gguf").values
    assert values["general.architecture"] == "llama"
    assert values["llama.context_length"] == 2048
    assert values["llama.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-5)
    assert values["tokenizer.ggml.add_bos_token"] is True
    assert values["tokenizer.chat_template"] == CHATML
    assert "tokenizer.ggml.tokens" not in values


def test_parameters_are_counted_by_type(models: Path) -> None:
    header = read_header(models / "counting.gguf")
    matrices = 2 * len(TOKENS) * WIDTH + 7 * WIDTH * WIDTH
    assert header.parameters == {"F32": matrices + 3 * WIDTH}
    assert header.missing_bytes == 0


def test_the_header_agrees_with_the_gguf_package(models: Path) -> None:
    reader = gguf.GGUFReader(models / "counting.gguf")
    scalars = {
        name: field.contents()
        for name, field in reader.fields.items()
        if field.types[0] != gguf.GGUFValueType.ARRAY and not name.startswith("GGUF.")
    }
    values = read_header(models / "counting.gguf").values
    assert {key: value for key, value in values.items() if key in scalars} == scalars


def test_tensor_types_are_those_of_the_gguf_package() -> None:
    assert {int(kind): (kind.name, *sizes) for kind, sizes in GGML_QUANT_SIZES.items()} == (
        TENSOR_TYPES
    )


def test_a_file_without_its_end_says_what_is_missing(tmp_path: Path) -> None:
    path = tiny_llama(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:-5000])
    # The writer pads to 32 bytes, and the last tensor ends on such a border.
    assert read_header(path).missing_bytes == 5000


@pytest.mark.parametrize("length", [5, 30, 200, 3000])
def test_a_file_without_its_header_is_cut_off(tmp_path: Path, length: int) -> None:
    path = tiny_llama(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BrokenHeader, match="cut off"):
        read_header(path)


@pytest.mark.parametrize("content", [b"", b"GG", b"<html>", b"\x00" * 100])
def test_another_file_is_not_gguf(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(BrokenHeader, match="not a GGUF file"):
        read_header(path)


def test_an_old_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 1, 0, 0))
    with pytest.raises(BrokenHeader, match="version"):
        read_header(path)


def test_absurd_counts_end_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 2**60, 2**60))
    with pytest.raises(BrokenHeader, match="damaged"):
        read_header(path)


def test_numbers_of_layers_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    heads = struct.pack("<Q1sIIQ3i", 1, b"h", 9, 5, 3, 8, 0, 2)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + heads)
    assert read_header(path).values == {"h": (8, 0, 2)}


def test_arrays_in_arrays_without_end_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    nested = struct.pack("<Q1sI", 1, b"a", 9) + struct.pack("<IQ", 9, 1) * 100_000
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + nested)
    with pytest.raises(BrokenHeader, match="damaged"):
        read_header(path)


def test_nested_arrays_are_walked_over(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    inner = struct.pack("<IQHH", 2, 2, 7, 8)
    nested = struct.pack("<Q1sIIQ", 1, b"a", 9, 9, 2) + inner + inner
    after = struct.pack("<Q1sIB", 1, b"b", 0, 42)
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 2) + nested + after)
    assert read_header(path).values == {"b": 42}
