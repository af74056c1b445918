import subprocess
from shutil import which

import pytest

from trinax.playground.modules import joined

MODULES = {
    "main": 'import { area } from "./shapes.js";\nimport { PI } from "./numbers.js";\n'
    "const side = 2;\nconsole.log(area(side), PI);\n",
    "shapes": 'import { PI, square } from "./numbers.js";\n'
    "const side = 1;\nexport function area(n) {\n  return PI * square(n) + side;\n}\n",
    "numbers": "export const PI = 3;\nexport const square = (n) => n * n;\nconst side = 9;\n"
    'console.log("numbers run once");\n',
}


def test_a_module_stands_after_those_that_it_imports() -> None:
    script = joined(MODULES, "main")
    places = [script.index(f"const {name}_ = ") for name in ("numbers", "shapes", "main")]
    assert places == sorted(places)


def test_only_what_is_imported_is_taken() -> None:
    assert "main" not in joined(MODULES, "shapes")


def test_nothing_of_a_module_is_left_that_a_script_cannot_have() -> None:
    script = joined(MODULES, "main")
    assert "import " not in script
    assert "export " not in script


@pytest.mark.skipif(which("node") is None, reason="no Node.js here")
def test_the_script_does_what_the_modules_do() -> None:
    node = ["node", "--input-type=module", "-"]
    script = joined(MODULES, "main")
    done = subprocess.run(node, input=script, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["numbers run once", "13 3"]


def test_an_import_may_stand_on_several_lines() -> None:
    main = 'import {\n  PI,\n  square,\n} from "./numbers.js";\nsquare(PI);\n'
    script = joined({**MODULES, "main": main}, "main")
    assert "const {\n  PI,\n  square,\n} = numbers_;" in script
