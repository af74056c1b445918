"""The model hub: the only importer of huggingface_hub.

It takes half a second to import, so import this module when something is pulled.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
)
from huggingface_hub.errors import HTTPError as TransportError  # type: ignore[attr-defined]
from huggingface_hub.file_download import http_get
from huggingface_hub.utils import logging
from huggingface_hub.utils.tqdm import silent_tqdm

from trinax.errors import DownloadFailed, InvalidRequest
from trinax.models.pull.choice import RemoteFile

LIBRARY = "trinax"
MAIN = "main"
TIMEOUT_S = 30.0
ABSENT = (401, 404)

Sink = Callable[[int], None]


class Hub:
    """A public or private one. It is asked for what is pulled and told nothing else: no token of
    the user's home, no telemetry, no other address."""

    def __init__(self, url: str, token: str = "") -> None:
        constants.HF_HUB_DISABLE_TELEMETRY = True
        logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        self._url = url.rstrip("/")
        self._token: str | bool = token or False  # False: nor one that it finds

    def files(self, repository: str) -> tuple[str, list[RemoteFile]]:
        """The commit that is newest now, and what it holds. Raises DownloadFailed."""
        api = HfApi(self._url, self._token, library_name=LIBRARY)
        with _translated(repository):
            info = api.model_info(repository, revision=MAIN, timeout=TIMEOUT_S, files_metadata=True)
        files = [
            RemoteFile(
                file.rfilename,
                file.size or 0,
                file.lfs.sha256 if file.lfs else "",
                file.blob_id or "",
            )
            for file in info.siblings or ()
        ]
        return info.sha or MAIN, files

    def fetch(
        self, repository: str, commit: str, file: RemoteFile, partial: Path, sink: Sink
    ) -> None:
        """Add to `partial` what it does not hold yet; retries, and leaves it for the next time if
        it fails. sink: told after each piece how many bytes there are.

        Raises DownloadFailed, InvalidRequest for a name that the hub would not take.
        """
        if file.size_bytes > constants.MAX_HTTP_DOWNLOAD_SIZE:
            raise DownloadFailed(file.name, "it is over 50 GB; choose one that is in parts")
        url = hf_hub_url(repository, file.path, revision=commit, endpoint=self._url)
        headers = {"user-agent": LIBRARY}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        with _translated(repository), _Partial(partial, sink) as part:
            held = part.tell()
            if held > file.size_bytes:
                held = part.truncate(0)
            http_get(
                url,
                part,
                resume_size=held,
                headers=headers,
                expected_size=file.size_bytes,
                tqdm_class=silent_tqdm,
            )


class _Partial(io.BufferedWriter):
    """A file that grows at its end and tells how long it is."""

    def __init__(self, path: Path, sink: Sink) -> None:
        super().__init__(io.FileIO(path, "ab"))
        self._sink = sink
        self._sink(self.tell())

    def write(self, content: object) -> int:
        written = super().write(content)  # type: ignore[arg-type]
        self._sink(self.tell())
        return written


@contextmanager
def _translated(repository: str) -> Iterator[None]:
    try:
        yield
    except GatedRepoError as exc:
        reason = "its owner gives it only to who has accepted the conditions on its page and "
        raise DownloadFailed(repository, f"{reason}sends a token (models.hub_token)") from exc
    except HfHubHTTPError as exc:
        raise DownloadFailed(repository, _refusal(exc.response.status_code)) from exc
    except OfflineModeIsEnabled as exc:
        raise DownloadFailed(repository, "HF_HUB_OFFLINE is set in the environment") from exc
    except TransportError as exc:
        raise DownloadFailed(
            repository, f"the connection failed ({type(exc).__name__}); what arrived is kept"
        ) from exc
    except OSError as exc:
        raise DownloadFailed(repository, exc.strerror or "it did not arrive whole") from exc
    except HFValidationError as exc:
        raise InvalidRequest(f"The hub takes no name like {repository!r}.") from exc
    except (ValueError, TypeError, KeyError) as exc:  # of what was read from the answer
        raise DownloadFailed(repository, "models.hub_url does not answer like a hub") from exc


def _refusal(status: int) -> str:
    if status in ABSENT:
        return "the hub has no such repository, or shows it only with a token (models.hub_token)"
    if status == 403:
        return "the hub refuses the token (models.hub_token)"
    return f"the hub answered with HTTP {status}"
