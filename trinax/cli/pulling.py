"""A model of a hub, or what a profile recommends, brought into the models folder."""

from pathlib import Path

from trinax.cli import terminal
from trinax.configuration import profile
from trinax.llama.machine import machine_bytes
from trinax.models.catalogue.catalogue import Catalogue
from trinax.models.pull.choice import RemoteFile, builds, choose, source
from trinax.models.pull.download import Sink, download
from trinax.settings import Settings


def pull(settings: Settings, what: str, file: str) -> str:
    """Download a model; returns its id.

    what: OWNER/NAME[:QUANTISATION], or a role of the profile. file: in the repository, or "".
    Raises InvalidRequest, DownloadFailed.
    """
    from trinax.models.pull.hub import Hub  # takes half a second to import

    recommended = profile(settings.models.profile, machine_bytes()).recommended
    wanted = source(recommended[what].source if what in recommended else what)
    hub = Hub(settings.models.hub_url, settings.models.hub_token)
    commit, found = hub.files(wanted.repository)
    build = choose(wanted, builds(found), file)
    terminal.note(f"{wanted.repository}: {build.files[0].path}, {terminal.size(build.size_bytes)}")

    def fetch(each: RemoteFile, partial: Path, sink: Sink) -> None:
        hub.fetch(wanted.repository, commit, each, partial, sink)

    with terminal.transfer(build.files[0].name, build.size_bytes) as show:
        paths = download(fetch, build.files, settings.models_dir, show)
    return _id(settings.models_dir, paths[0])


def _id(folder: Path, path: Path) -> str:
    catalogue = Catalogue(folder)
    return next(info.id for info in catalogue.scan() if catalogue.path(info.id) == path)
