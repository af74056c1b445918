"""What is never indexed, by name alone."""

from trinax.documents import languages

IGNORE_FILES = (".gitignore", ".trinaxignore")  # the later one wins

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
_KEY_PREFIXES = ("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519")

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
        return "hidden"
    lower = name.lower()
    if lower.startswith(_KEY_PREFIXES):
        return "a private key"
    suffix = lower.rpartition(".")[2]
    if suffix in _SECRET_SUFFIXES:
        return "may hold a secret"
    return BINARY if languages.kind(name) is None else ""


def generated_file(name: str) -> str:
    """Why a file of this name is left out unless an ignore file asks for it ("!name")."""
    lower = name.lower()
    if lower in _LOCKS or lower.endswith(_LOCK_SUFFIXES):
        return "a lock file"
    return "minified" if lower.endswith(_MINIFIED_SUFFIXES) else ""


def generated_folder(name: str) -> str:
    """As generated_file(), for a folder."""
    return _FOLDERS.get(name.lower(), "")
