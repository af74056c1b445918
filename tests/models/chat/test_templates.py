from tests.gguf_files import CHATML
from trinax.models.chat.templates import ChatTemplate, Span
from trinax.models.ports import Message


def test_a_template_alone_lays_out_messages() -> None:
    assert ChatTemplate(CHATML).spans([Message("user", "a")]) == [
        Span("<|im_start|>user\n", True),
        Span("a", False),
        Span("<|im_end|>\n<|im_start|>assistant\n", True),
    ]
