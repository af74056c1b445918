import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from trinax import settings as module
from trinax.configuration import load
from trinax.errors import BadSetting, UnknownSetting
from trinax.settings import Plan, Settings, Upstream

# Tables whose keys are names that the user gives.
TABLES = {"roots", "instructions", "upstreams", "plans"}
DEFAULTS = Path(__file__).parents[1] / "configs" / "default.toml"


@pytest.fixture(autouse=True)
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def toml(folder: Path, text: str, name: str = "trinax.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def comments() -> Iterator[tuple[str, str, str]]:
    """(class, field, its comment) as settings.py writes them."""
    source = Path(module.__file__).read_text("utf-8")
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                    comment = lines[line.lineno - 1].partition("  # ")[2]
                    yield node.name, line.target.id, comment


def test_without_sources_the_defaults_hold() -> None:
    settings = load(environment={})
    assert settings.server.port == 3333
    assert settings.server.host == "127.0.0.1"
    assert settings.access.admin_token == ""


def test_default_toml_says_what_the_defaults_are(working_folder: Path) -> None:
    loaded = load(DEFAULTS, {})
    for section in fields(Settings):
        if section.name != "base":
            assert getattr(loaded, section.name) == getattr(Settings(), section.name)


def test_default_toml_names_every_setting() -> None:
    tables = tomllib.loads(DEFAULTS.read_text("utf-8"))
    expected = {
        section.name: {each.name for each in fields(section.default)}
        for section in fields(Settings)
        if is_dataclass(section.default)
    }
    assert {name: {*table} for name, table in tables.items() if name not in TABLES} == expected


def test_default_toml_carries_the_comments_of_the_fields() -> None:
    text = DEFAULTS.read_text("utf-8")
    sections = {type(f.default).__name__: f.name for f in fields(Settings)}
    for class_name, field, comment in comments():
        if class_name not in ("Settings", "Upstream", "Plan") and comment:
            table = text.split(f"[{sections[class_name]}]")[1].split("\n[")[0]
            assert re.search(rf"^{field} = .*  # {re.escape(comment)}$", table, re.MULTILINE), field


def test_default_toml_shows_an_upstream_with_its_defaults() -> None:
    example = DEFAULTS.read_text("utf-8").split("[upstreams]\n")[1].split("\n[")[0]
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    shown = tomllib.loads("\n".join(lines))["upstreams"]["box"]
    assert {name: value or None for name, value in shown.items()} == {
        each.name: getattr(Upstream(), each.name) or None for each in fields(Upstream)
    }
    commented = {field: comment for name, field, comment in comments() if name == "Upstream"}
    for field, comment in commented.items():
        assert re.search(rf"^# {field} = .*  # {re.escape(comment)}$", example, re.MULTILINE)


def test_a_file_overrides_defaults(working_folder: Path) -> None:
    file = toml(working_folder, "[server]\nport = 4000")
    assert load(file, {}).server.port == 4000


def test_trinax_toml_of_the_working_folder_is_read(working_folder: Path) -> None:
    toml(working_folder, "[server]\nport = 4000")
    assert load(None, {}).server.port == 4000


def test_the_environment_overrides_the_file(working_folder: Path) -> None:
    file = toml(working_folder, "[server]\nport = 4000\nhost = '::1'")
    server = load(file, {"TRINAX_SERVER_PORT": "5000"}).server
    assert (server.port, server.host) == (5000, "::1")


def test_flags_override_the_environment() -> None:
    settings = load(None, {"TRINAX_PORT": "5000"}, {"server": {"port": 6000}})
    assert settings.server.port == 6000


def test_short_names_stand_for_long_ones() -> None:
    settings = load(None, {"TRINAX_ADMIN_TOKEN": "s", "TRINAX_HOST": "::1", "TRINAX_PORT": "1"})
    assert settings.access.admin_token == "s"
    assert (settings.server.host, settings.server.port) == ("::1", 1)


def test_other_environment_is_left_alone() -> None:
    load(None, {"PATH": "/bin", "TRINAX_TEST_SLOW": "1"})


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TRINAX_MODELS_QUEUE", "7")
        assert load().models.queue == 7


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[server]\nprot = 1", "server.prot"),
        ("[sever]\nport = 1", "sever"),
        ("port = 1", "port"),
    ],
)
def test_an_unknown_key_fails_with_its_name_and_file(
    working_folder: Path, text: str, key: str
) -> None:
    file = toml(working_folder, text, "mine.toml")
    with pytest.raises(UnknownSetting, match=rf"'{re.escape(key)}' in mine\.toml"):
        load(file, {})


@pytest.mark.parametrize("name", ["TRINAX_SERVER_PROT", "TRINAX_SEVER_PORT", "TRINAX_ROOTS_A"])
def test_an_unknown_variable_fails_with_its_name(name: str) -> None:
    with pytest.raises(UnknownSetting, match=f"(?i){name}|server.prot"):
        load(None, {name: "1"})


def test_of_many_known_settings_those_are_named_that_may_have_been_meant() -> None:
    with pytest.raises(UnknownSetting) as raised:
        load(None, {"TRINAX_COLLECTIONS_DIR": "x"})
    message = str(raised.value)
    assert "TRINAX_PATHS_COLLECTIONS" in message
    assert message.endswith(", ….")
    assert len(message) < 400


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[server]\nport = 'many'", "server.port.*a whole number, not 'many'"),
        ("[server]\nport = true", "server.port.*a whole number, not True"),
        ("[server]\nport = 1.5", "server.port.*a whole number, not 1.5"),
        ("[server]\nhost = 1", "server.host.*a text, not 1"),
        ("[server]\nhosts = 'a'\n[ingest]\ndebounce_s = 'soon'", "debounce_s.*a number"),
        ("[server]\nhosts = [1]", "server.hosts.*a list of texts"),
        ("[access]\nlan = 'closed'", "access.lan.*'open', 'trusted'"),
        ("[access]\nrequire_key = 2", "require_key.*true or false"),
        ("server = 3", "'server'.*a table"),
        ("[roots]\nnotes = 3", "roots.notes.*a folder or a list of folders"),
        ("[router.kinds]\n'^a' = 'cooking'", r"router.kinds.\^a.*'trivial', 'code'"),
        ("[router.kinds]\n'(' = 'code'", r"router.kinds.\(.*a regular expression"),
        ("[router.models]\ncooking = 'a'", r"router.models.cooking.*'trivial', 'code'"),
        ("[router]\nmodels = 3", "router.models.*a table"),
        ("[index]\nurl = 'qdrant:6333'", "index.url.*an address as http://.*'qdrant:6333'"),
        ("[index]\nurl = 'http://'", "index.url.*an address"),
        ("[index]\nurl = 'http://h:99999'", "index.url.*an address"),
        ("[index]\nreplicas = 0", "index.replicas.*1 or more, not 0"),
        ("[index]\nshards = -1", "index.shards.*0 or more"),
        ("[index]\ntimeout_s = 0", "index.timeout_s.*1 or more"),
        ("[server", "valid TOML"),
    ],
)
def test_a_wrong_value_fails_with_its_name(working_folder: Path, text: str, complaint: str) -> None:
    with pytest.raises(BadSetting, match=complaint):
        load(toml(working_folder, text), {})


def test_a_file_that_is_not_text_is_named(working_folder: Path) -> None:
    (working_folder / "mine.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadSetting, match=r"mine\.toml"):
        load(working_folder / "mine.toml", {})


def test_a_missing_file_is_named(working_folder: Path) -> None:
    with pytest.raises(BadSetting, match="--config"):
        load(working_folder / "mine.toml", {})


def test_paths_of_a_file_are_taken_from_its_folder(working_folder: Path) -> None:
    (working_folder / "etc").mkdir()
    file = toml(working_folder / "etc", "[paths]\ndata = 'd'")
    assert load(file, {}).data_dir == working_folder / "etc" / "d"
    assert load(file, {}).collections_dir == working_folder / "etc" / "collections"


def test_without_a_file_paths_are_taken_from_the_working_folder(working_folder: Path) -> None:
    assert load(None, {}).data_dir == working_folder / "var"


def test_models_lie_in_the_data_folder_if_not_said_otherwise(working_folder: Path) -> None:
    assert load(None, {}).models_dir == working_folder / "var" / "models"
    assert load(None, {"TRINAX_PATHS_MODELS": "m"}).models_dir == working_folder / "m"


def test_an_absolute_path_stays(working_folder: Path) -> None:
    flags: dict[str, dict[str, Any]] = {"paths": {"data": "/srv/trinax"}}
    assert load(None, {}, flags).data_dir == Path("/srv/trinax")


def test_a_list_is_parsed_from_the_environment() -> None:
    settings = load(None, {"TRINAX_SERVER_HOSTS": "box.lan, box,"})
    assert settings.server.hosts == ("box.lan", "box")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("Yes", True), ("false", False)])
def test_a_switch_is_parsed_from_the_environment(text: str, value: bool) -> None:
    assert load(None, {"TRINAX_ACCESS_REQUIRE_KEY": text}).access.require_key is value


def test_a_whole_number_is_a_number(working_folder: Path) -> None:
    assert load(toml(working_folder, "[ingest]\ndebounce_s = 1"), {}).ingest.debounce_s == 1.0


def test_a_root_may_be_one_folder_or_several(working_folder: Path) -> None:
    file = toml(working_folder, "[roots]\na = '/x'\nb = ['/y', '/z']")
    assert load(file, {}).roots == {"a": ("/x",), "b": ("/y", "/z")}


UPSTREAMS = """
[upstreams.box]
url = "http://box.lan/v1"
models = { "small.q4" = "org/Small-7B" }
roles = { "small.q4" = ["fast", "general"] }
context_tokens = { "small.q4" = 8192 }
extra = true
[upstreams.cloud]
url = "https://cloud.example/v1"
"""


def test_upstreams_have_names(working_folder: Path) -> None:
    upstreams = load(toml(working_folder, UPSTREAMS), {}).upstreams
    assert [*upstreams] == ["box", "cloud"]
    assert upstreams["box"] == Upstream(
        url="http://box.lan/v1",
        models={"small.q4": "org/Small-7B"},
        roles={"small.q4": ("fast", "general")},
        context_tokens={"small.q4": 8192},
        extra=True,
    )


def test_the_environment_completes_an_upstream(working_folder: Path) -> None:
    variables = {"TRINAX_UPSTREAMS_BOX_KEY": "sk-1", "TRINAX_UPSTREAMS_BOX_TIMEOUT_S": "5"}
    upstream = load(toml(working_folder, UPSTREAMS), variables).upstreams["box"]
    assert (upstream.url, upstream.key, upstream.timeout_s) == ("http://box.lan/v1", "sk-1", 5.0)


def test_an_upstream_may_come_from_the_environment_alone() -> None:
    variables = {
        "TRINAX_UPSTREAMS_MY_BOX_URL": "http://box.lan/v1",
        "TRINAX_UPSTREAMS_MY_BOX_MODELS": "a=org/A, b=B",
    }
    upstream = load(None, variables).upstreams["my_box"]
    assert upstream == Upstream(url="http://box.lan/v1", models={"a": "org/A", "b": "B"})


@pytest.mark.parametrize("name", ["TRINAX_UPSTREAMS_URL", "TRINAX_UPSTREAMS_BOX_ULR"])
def test_an_unknown_variable_of_an_upstream_fails_with_its_name(name: str) -> None:
    with pytest.raises(UnknownSetting, match=name):
        load(None, {name: "1"})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("box = 1", r"'upstreams\.box'.*a table"),
        ("[upstreams.box]\nulr = ''", r"upstreams\.box\.ulr"),
        ("[upstreams.box]\nmodels = ['a']", r"upstreams\.box\.models.*a table"),
        ("[upstreams.box]\nmodels = 'a'", r"upstreams\.box\.models.*a=b"),
        ("[upstreams.box]\nmodels = { a = 1 }", r"upstreams\.box\.models\.a.*a text"),
        ("[upstreams.box]\nroles = { a = [1] }", r"upstreams\.box\.roles\.a.*a list of texts"),
        ("[upstreams.box]\ncontext_tokens = { a = 'x' }", r"context_tokens\.a.*a whole number"),
    ],
)
def test_a_wrong_upstream_fails_with_its_name(
    working_folder: Path, text: str, complaint: str
) -> None:
    with pytest.raises((BadSetting, UnknownSetting), match=complaint):
        load(toml(working_folder, f"[upstreams]\n{text}"), {})


def test_plans_toml_says_what_the_plans_are() -> None:
    shown = tomllib.loads((DEFAULTS.parent / "plans.toml").read_text("utf-8"))
    assert {name: Plan(**table) for name, table in shown.items()} == Settings().plans
    assert {*shown["free"]} == {each.name for each in fields(Plan)}


def test_a_file_beside_the_configuration_changes_and_adds_plans(working_folder: Path) -> None:
    toml(working_folder, "[pro]\npaid_per_day = 7\n[staff]\nmodels = 'all'", "plans.toml")
    plans = load(toml(working_folder, ""), {}).plans
    assert plans["pro"] == Plan("all", 100_000, 7, 1000, 10)
    assert plans["staff"] == Plan("all")
    assert {*plans} == {"free", "pro", "enterprise", "staff"}
    assert load(None, {}).plans == plans


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("free = 1", r"'plans\.free' in plans\.toml must be a table"),
        ("[free]\nlimit = 1", r"'plans\.free\.limit' in plans\.toml"),
        ("[free]\nmodels = 'some'", r"plans\.free\.models.*'free', 'all'"),
        ("[free]\npaid_per_day = 'x'", r"plans\.free\.paid_per_day.*a whole number"),
        ("[free", r"plans\.toml.*valid TOML"),
    ],
)
def test_a_wrong_plan_fails_with_its_name(working_folder: Path, text: str, complaint: str) -> None:
    toml(working_folder, text, "plans.toml")
    with pytest.raises((BadSetting, UnknownSetting), match=complaint):
        load(None, {})
