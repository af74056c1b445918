"""What is never indexed, by name alone."""

from trinax.documents import languages

IGNORE_FILES = (".gitignore", ".trinaxignore")  # the later one wins

HIDDEN = "hidden"
BINARY = "binary, by its suffix"

# Files whose folder is a program's own (bford.info/cachedir), and what it is.
FOLDER_MARKS = {"pyvenv.cfg": "a virtual environment", "CACHEDIR.TAG": "a cache folder"}

_FOLDERS = {
    "node_modules": "installed dependencies",
    "bower_components": "installed dependencies",
    "site-packages": "installed dependencies",
    "__pycache__": "a cache folder",
    "__macosx": "archive leftovers",
    "build": "build output",
    "dist": "build output",
}
_LOCKS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum"})
_LOCK_SUFFIXES = (".lock", ".lockb")
_MINIFIED_SUFFIXES = (".min.js", ".min.mjs", ".min.css", ".js.map", ".mjs.map", ".css.map")
# What editors, browsers and office programs write beside a file, or before it is whole. Those of
# vim (.x.swp), Emacs (.#x) and LibreOffice (.~lock.x#) are hidden anyway.
_TEMPORARY_SUFFIXES = (
    *("~", ".tmp", ".temp", ".swp", ".swo", ".swx", "___jb_tmp___", "___jb_old___"),
    *(".crdownload", ".part", ".partial", ".download", ".filepart"),
)
_PROBE = "4913"  # vim makes a file of that name to see whether it can
_KEY_PREFIXES = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519")

# Where programs of clouds keep what lets one in; others are hidden (.npmrc, .netrc, .pgpass).
_SECRET_NAMES = frozenset(
    (
        *("credentials", "credentials.json", "credentials.csv", "client_secret.json"),
        *("service-account.json", "service_account.json", "application_default_credentials.json"),
        *("secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml", "htpasswd", "kubeconfig"),
    )
)
_SECRET_SUFFIXES = frozenset(
    (
        *("env", "pem", "key", "p8", "p12", "pfx", "pkcs12", "jks", "jceks", "keystore"),
        *("kdb", "kdbx", "ppk", "gpg", "pgp", "agekey"),
    )
)


def hidden(name: str) -> bool:
    """True for files and folders that are never looked at; ".git" and ".env" are among them."""
    return name.startswith(".")


def forbidden(name: str) -> str:
    """Why no file of this name is ever indexed, as a clause; "" if it may be."""
    if hidden(name):
        return HIDDEN
    lower = name.lower()
    if lower.startswith(_KEY_PREFIXES):
        return "a private key"
    suffix = lower.rpartition(".")[2]
    if suffix in _SECRET_SUFFIXES or lower in _SECRET_NAMES:
        return "may hold a secret"
    if languages.kind(name) is not None:
        return ""
    newer = languages.newer_suffix(name)
    return f"{BINARY}; saved as {newer} it is read" if newer else BINARY


def generated_file(name: str) -> str:
    """Why a file of this name is left out unless an ignore file asks for it ("!name")."""
    lower = name.lower()
    if temporary(name):
        return "a temporary file"
    if lower in _LOCKS or lower.endswith(_LOCK_SUFFIXES):
        return "a lock file"
    return "minified" if lower.endswith(_MINIFIED_SUFFIXES) else ""


def temporary(name: str) -> bool:
    """True for what a program makes for the time of its work, as the name tells."""
    lower = name.lower()
    return (
        lower.endswith(_TEMPORARY_SUFFIXES)
        or lower.startswith("~$")
        or (lower.startswith("#") and lower.endswith("#"))
        or lower == _PROBE
    )


def generated_folder(name: str) -> str:
    """As generated_file(), for a folder."""
    return _FOLDERS.get(name.lower(), "")
