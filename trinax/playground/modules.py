"""Modules of JavaScript as one script, which a browser runs without asking for more."""

import re
from collections.abc import Mapping

# The only forms that the modules here use, each on a line of its own.
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|(?:async )?function\*?|class) (\w+))", re.MULTILINE)


def joined(modules: Mapping[str, str], first: str) -> str:
    """What a browser would run if it loaded the module and all that it imports.

    modules: name → text. Each is run once, in a scope of its own, after those that it imports.
    """
    parts: dict[str, str] = {}
    _add(first, modules, parts)
    return "".join(parts.values())


def _add(name: str, modules: Mapping[str, str], parts: dict[str, str]) -> None:
    text = modules[name]
    for _, imported in IMPORT.findall(text):
        if imported not in parts:
            _add(imported, modules, parts)
    given = ", ".join(EXPORT.findall(text))
    body = EXPORT.sub("", IMPORT.sub(r"const {\1} = \2_;\n", text))
    parts[name] = f"const {name}_ = (() => {{\n{body}return {{ {given} }};\n}})();\n"
