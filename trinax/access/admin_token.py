"""The administrator's secret, from wherever it is configured."""

from trinax.conversion import secret
from trinax.errors import BadSetting
from trinax.settings import Settings

NAME = "access.admin_token"


def admin_token(settings: Settings) -> str:
    """ "" where there is none. Raises BadSetting for a file that cannot be read or holds nothing,
    and for a token beside it."""
    file = settings.access.admin_token_file
    found = secret(NAME, settings.access.admin_token, file, settings.base)
    if file and not found:
        raise BadSetting(f"{NAME}_file", "the configuration", "a file that holds the token")
    return found
