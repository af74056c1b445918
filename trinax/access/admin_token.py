"""The administrator's secret, from wherever it is configured."""

from trinax.errors import BadSetting
from trinax.settings import Settings

WHERE = "the configuration"


def admin_token(settings: Settings) -> str:
    """ "" where there is none. Raises BadSetting for a file that cannot be read or holds nothing,
    and for a token beside it."""
    access = settings.access
    if not access.admin_token_file:
        return access.admin_token
    if access.admin_token:
        raise BadSetting("access.admin_token_file", WHERE, "absent where there is a token")
    try:
        found = (settings.base / access.admin_token_file).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise BadSetting("access.admin_token_file", WHERE, "a readable file") from exc
    if not found:
        raise BadSetting("access.admin_token_file", WHERE, "a file that holds the token")
    return found
