import pytest

from tests.contracts.ranker import RankerContract
from trinax.answering.ranking import TextRanker
from trinax.embedding.static import StaticEmbedder


class TestTextRanker(RankerContract):
    @pytest.fixture
    def ranker(self) -> TextRanker:
        return TextRanker(StaticEmbedder())
