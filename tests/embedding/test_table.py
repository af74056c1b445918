from pathlib import Path

import numpy as np
import pytest

from trinax.embedding import table


def test_a_row_comes_back_within_a_254th_of_its_largest_value(tmp_path: Path) -> None:
    vectors = np.random.default_rng(0).standard_normal((100, 16), np.float32)
    vectors *= np.logspace(-6, 6, 100, dtype=np.float32)[:, None]
    table.write(vectors, tmp_path / "t.npz")
    read = table.read((tmp_path / "t.npz").read_bytes())
    error = np.abs(read.rows * read.scales[:, None] - vectors).max(axis=1)
    assert (error <= np.abs(vectors).max(axis=1) / 253).all()


def test_a_row_of_zeros_stays_zero(tmp_path: Path) -> None:
    table.write(np.zeros((2, 4), np.float32), tmp_path / "t.npz")
    assert not table.read((tmp_path / "t.npz").read_bytes()).rows.any()


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", rows=np.array([{}], object), scales=np.ones(1, np.float32))
    with pytest.raises(ValueError, match="pickle"):
        table.read((tmp_path / "t.npz").read_bytes())


def test_wrong_shapes_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", rows=np.ones((3, 2), np.int8), scales=np.ones(2, np.float32))
    with pytest.raises(ValueError, match="shape"):
        table.read((tmp_path / "t.npz").read_bytes())
