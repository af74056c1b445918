"""What a file is, by its name and, where that says nothing, its first line."""

from pathlib import PurePosixPath

# Kind → the suffixes that mean it, without the dot.
SUFFIXES = {
    "markdown": "md markdown mdx mdown mkd",
    "rst": "rst rest",
    "html": "html htm xhtml",
    "pdf": "pdf",
    "docx": "docx docm dotx dotm",
    "pptx": "pptx pptm ppsx ppsm potx potm",
    "sheet": "xlsx xlsm xltx xltm xlsb xls ods",
    "odt": "odt ott",
    "odp": "odp otp",
    "epub": "epub",
    "mail": "eml",
    "mbox": "mbox",
    "rtf": "rtf",
    "notebook": "ipynb",
    "text": "txt text log org adoc asciidoc tex bib srt vtt po pot diff patch ics",
    "python": "py pyi pyw pyx pxd bzl",
    "javascript": "js mjs cjs jsx",
    "typescript": "ts mts cts",
    "tsx": "tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "c": "c h",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp inl cu cuh",
    "csharp": "cs csx",
    "ruby": "rb rake gemspec",
    "php": "php phtml",
    "shell": "sh bash zsh ksh bats",
    "sql": "sql ddl psql",
    "json": "json jsonl ndjson json5 jsonc geojson webmanifest",
    "yaml": "yaml yml",
    "toml": "toml",
    "csv": "csv tsv psv",
    "xml": "xml xsd xsl xslt svg rss atom plist wsdl",
    "css": "css scss sass less",
    "config": "ini cfg conf properties env editorconfig service desktop tf hcl nix cmake",
    "kotlin": "kt kts",
    "swift": "swift",
    "scala": "scala sc",
    "lua": "lua",
    "perl": "pl pm",
    "r": "r rmd",
    "julia": "jl",
    "haskell": "hs lhs",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "clojure": "clj cljs cljc edn",
    "lisp": "el lisp scm",
    "dart": "dart",
    "zig": "zig",
    "powershell": "ps1 psm1",
    "batch": "bat cmd",
    "proto": "proto thrift graphql gql",
    "vue": "vue svelte",
    "make": "mk mak",
}

BINARY_SUFFIXES = """
    7z a aac ai aif apk ar avi avif bin blend bmp br bz2 class com cr2 dat db dll dmg doc dylib
    ear eot exe fig flac flv gguf gif glb gz heic icns ico iso jar jpeg jpg jxl key lib lz4
    lzma m4a m4v mid mkv mo mobi mov mp3 mp4 mpeg mpg msi nib node npy npz numbers o obj odg ogg
    onnx opus otf pages parquet pck pickle pkl png ppt psd pt pth pyc pyd pyo rar rlib rpm
    safetensors sketch snap so sqlite sqlite3 swf tar tgz tif tiff ttf vhd wasm wav webm webp whl
    wim wmv woff woff2 xcf xz zip zst
"""

# Kinds whose files are read as text in Markdown's shape, whatever they are made of.
READ_AS_MARKDOWN = frozenset(
    {"html", "docx", "pptx", "sheet", "odt", "odp", "epub", "mail", "mbox", "rtf", "notebook"}
)

# Suffixes of formats that are read in a newer version only, and that version's.
OUTDATED = {"doc": "docx", "ppt": "pptx"}

NAMES = {
    "makefile": "make",
    "gnumakefile": "make",
    "justfile": "make",
    "dockerfile": "docker",
    "containerfile": "docker",
    "cmakelists.txt": "config",
    "rakefile": "ruby",
    "gemfile": "ruby",
    "vagrantfile": "ruby",
    "brewfile": "ruby",
    "jenkinsfile": "java",
    "build": "python",
    "sconstruct": "python",
    ".bashrc": "shell",
    ".bash_profile": "shell",
    ".zshrc": "shell",
    ".profile": "shell",
    "readme": "text",
    "license": "text",
    "pipfile": "toml",
}

# The interpreter of a shebang line, digits and version dropped.
INTERPRETERS = {
    "python": "python",
    "pypy": "python",
    "node": "javascript",
    "deno": "typescript",
    "bun": "javascript",
    "sh": "shell",
    "bash": "shell",
    "zsh": "shell",
    "dash": "shell",
    "ksh": "shell",
    "ruby": "ruby",
    "php": "php",
    "perl": "perl",
    "lua": "lua",
    "Rscript": "r",
}

BY_SUFFIX: dict[str, str | None] = {
    **dict.fromkeys(BINARY_SUFFIXES.split()),
    **{suffix: kind for kind, suffixes in SUFFIXES.items() for suffix in suffixes.split()},
}


def kind(file: str, head: bytes = b"") -> str | None:
    """The Document.kind of a file, or None for a name that promises nothing but bytes.

    head: the file's first bytes, asked for a shebang where the name has no suffix.
    An unknown name is "text": whether it is text is for the reader to find out.
    """
    name = file.rpartition("/")[2].lower()
    if name in NAMES:
        return NAMES[name]
    stem, dot, suffix = name.rpartition(".")
    if dot and stem:
        return BY_SUFFIX.get(suffix, NAMES.get(stem, "text"))
    return _interpreted(head) or "text"


def newer_suffix(file: str) -> str:
    """Of the format that a file of an outdated one can be saved in to be read, ".docx"; else ""."""
    newer = OUTDATED.get(PurePosixPath(file).suffix.lower()[1:])
    return f".{newer}" if newer else ""


def _interpreted(head: bytes) -> str | None:
    line = head.split(b"\n", 1)[0].decode("latin-1")
    if not line.startswith("#!"):
        return None
    words = [word for word in line[2:].split() if word[0] != "-" and "=" not in word]
    programs = [word.rpartition("/")[2].rstrip("0123456789.") for word in words]
    if programs[:1] == ["env"]:
        programs = programs[1:]
    return INTERPRETERS.get(programs[0]) if programs else None
