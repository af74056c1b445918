"""A loaded GGUF file."""

import ctypes
from pathlib import Path

from trinax.errors import ModelFailed
from trinax.llama.library import load_reasons, native, start


class Weights:
    """May be read by several threads until it is closed."""

    def __init__(
        self, model_id: str, path: Path, gpu_layers: int = -1, vocabulary_only: bool = False
    ) -> None:
        """gpu_layers: -1 = all that fit. Raises ModelFailed."""
        start()
        parameters = native.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        parameters.vocab_only = vocabulary_only
        self.model_id = model_id
        with load_reasons() as reasons:
            self.pointer = native.llama_model_load_from_file(str(path).encode(), parameters)
        if not self.pointer:
            reason = next(iter(reasons), "llama.cpp cannot load it")
            raise ModelFailed(model_id, reason.replace(str(path), "the file"))

    @property
    def trained_tokens(self) -> int:
        """The longest sequence it was trained on; 0 where the file does not say."""
        return int(native.llama_model_n_ctx_train(self.pointer))

    @property
    def classes(self) -> tuple[str, ...]:
        """What a classifier tells apart; "" for one without a name."""
        number = native.llama_model_n_cls_out(self.pointer)
        labels = (native.llama_model_cls_label(self.pointer, place) for place in range(number))
        return tuple((label or b"").decode("utf-8", "replace") for label in labels)

    def value(self, key: str) -> str:
        """A scalar of the file's metadata as text; "" where it has none."""
        room = 256
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = native.llama_model_meta_val_str(self.pointer, key.encode(), buffer, room)
            if size < room:
                return buffer.value.decode("utf-8", "replace")
            room = size + 1

    @property
    def recurrent(self) -> bool:
        """Whether a sequence is (partly) one state, which can be copied but not cut back."""
        return bool(
            native.llama_model_is_recurrent(self.pointer)
            or native.llama_model_is_hybrid(self.pointer)
        )

    def close(self) -> None:
        if self.pointer:
            native.llama_model_free(self.pointer)
            self.pointer = None
