from pathlib import Path

import pytest

from trinax.evaluation.bench import measured, shown

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def modules(folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    files = []
    for number in NUMBERS:
        functions = [
            f'def {number}_{i}():\n    """Return what number {number} is with {i} birds."""\n'
            for i in range(8)
        ]
        file = folder / f"{number}.py"
        file.write_text("\n\n".join(functions))
        files.append(file)
    return files


@pytest.mark.slow
def test_the_bench_measures_a_real_server() -> None:
    figures = measured(modules)
    assert figures["corpus"]["files"] == len(NUMBERS)
    assert figures["trinax"]["chunks"] >= len(NUMBERS)
    assert figures["trinax"]["search_ms"]["p50"] > 0
    assert figures["trinax"]["answer"]["first_byte_ms"]["p50"] > 0
    assert "first streamed byte p99, ms" in shown(figures)
    assert "one-file edit to visible, s" in shown(figures)
