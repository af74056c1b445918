import pytest

from tests.contracts.generator import GeneratorContract
from tests.models.extractive.test_generator import OIL, QUESTION, about
from trinax.models.extractive.generator import ExtractiveGenerator
from trinax.models.ports import Generation


class TestExtractiveGenerator(GeneratorContract):
    @pytest.fixture
    def generator(self) -> ExtractiveGenerator:
        return ExtractiveGenerator()

    @pytest.fixture
    def asked(self) -> Generation:
        return about(QUESTION, OIL)
