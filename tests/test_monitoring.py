"""What is written for a monitoring system, against what the server shows."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tests.embedding import tiny_bert
from tests.gguf_files import tiny_llama
from tests.test_errors import LEAVES
from tests.web.conftest import folders
from trinax.app import build
from trinax.cli import main
from trinax.settings import Embedding, Settings, Web
from trinax.web.metrics.catalogue import ALL, table

ROOT = Path(__file__).parents[1]
DASHBOARD = ROOT / "configs" / "grafana" / "trinax.json"
ALERTS = ROOT / "configs" / "prometheus" / "alerts.yml"
SCRAPES = ROOT / "configs" / "prometheus" / "prometheus.yml"
PAGE = ROOT / "docs" / "operations.md"
ENDS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}
LABEL = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"')


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """With everything configured that has metrics of its own."""
    settings = folders(tmp_path_factory.mktemp("monitored"))
    settings.models_dir.mkdir(parents=True)
    tiny_bert.write(settings.models_dir / "tiny.gguf")
    tiny_llama(settings.models_dir / "counting.gguf")
    web = Web(provider="searxng", url="http://127.0.0.1:9")
    return replace(settings, embedding=Embedding(model="tiny"), web=web)


@pytest.fixture(scope="module")
def text(settings: Settings) -> Iterator[str]:
    """What /metrics says after two answers."""
    with TestClient(build(settings), base_url="http://127.0.0.1", client=("127.0.0.1", 1)) as http:
        body = {"messages": [{"role": "user", "content": "Who keeps the lighthouse?"}]}
        alone = {"model": "counting", "collections": []}
        for asked in (body, {**body, **alone}):
            assert http.post("/v1/chat/completions", json=asked).status_code == 200
        yield http.get("/metrics").text


@pytest.fixture(scope="module")
def shown(text: str) -> dict[str, str]:
    """Metric → kind."""
    lines = re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE)
    return dict(lines)


@pytest.fixture(scope="module")
def series(shown: dict[str, str]) -> set[str]:
    """The names that an expression may hold."""
    return {name + end for name, kind in shown.items() for end in ENDS.get(kind, ("",))}


def expressions(value: Any) -> Iterator[str]:
    """Every "expr" and label query in a tree."""
    if isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str) and name in ("expr", "definition"):
                yield each
            else:
                yield from expressions(each)
    elif isinstance(value, list):
        for each in value:
            yield from expressions(each)


def named(expression: str) -> set[str]:
    """The metrics in it."""
    return set(re.findall(r"\b(?:trinax|process)_[a-z_]+\b", expression))


def dashboard() -> Any:
    return json.loads(DASHBOARD.read_text("utf-8"))


def alerts() -> list[Any]:
    (group,) = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    rules: list[Any] = group["rules"]
    return rules


def test_all_of_the_catalogue_is_shown(shown: dict[str, str]) -> None:
    ours = {name: kind for name, kind in shown.items() if not name.startswith("process_")}
    assert ours == {each.name: each.kind for each in ALL}


def test_what_is_shown_can_be_read(text: str) -> None:
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families)
    for family in families:
        labels = [tuple(sorted(one.labels.items())) for one in family.samples]
        names = [one.name for one in family.samples]
        assert len({*zip(names, labels, strict=True)}) == len(names)


def test_the_labels_are_those_of_the_catalogue(text: str) -> None:
    wanted = {each.name.removesuffix("_total"): {*each.labels} for each in ALL}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            if family.name in wanted:
                assert {*one.labels} - {"le"} == wanted[family.name]


def test_the_dashboard_asks_for_what_is_shown(series: set[str]) -> None:
    asked = set(map(str, expressions(dashboard())))
    assert len(asked) > 40
    assert {metric for each in asked for metric in named(each)} - series == set()
    assert [each for each in asked if not named(each)] == []


def test_the_dashboard_asks_by_labels_that_there_are() -> None:
    known = {label for each in ALL for label in each.labels} | {"instance", "job", "le"}
    asked = {label for each in expressions(dashboard()) for label in LABEL.findall(each)}
    assert asked - known == set()


def test_every_metric_has_a_panel(series: set[str]) -> None:
    asked = {metric for each in expressions(dashboard()) for metric in named(each)}
    unseen = {each.name for each in ALL if not any(one.startswith(each.name) for one in asked)}
    # Shown by the alerts, and by what the dashboard is about.
    assert unseen == {"trinax_stopping", "trinax_reloads_total", "trinax_unread_metrics"}


def test_panels_do_not_overlap() -> None:
    places: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & places, panel["title"]
        places |= cells
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len({*ids}) == len(ids)


def test_alerts_ask_for_what_is_shown(series: set[str]) -> None:
    asked = {rule["alert"]: named(rule["expr"]) for rule in alerts()}
    assert {metric for names in asked.values() for metric in names} - series == set()
    assert [alert for alert, names in asked.items() if not names] == ["TrinaxDown"]


def test_alerts_say_who_is_woken_and_why() -> None:
    assert {rule["labels"]["severity"] for rule in alerts()} == {"page", "ticket"}
    said = [rule["annotations"]["summary"] for rule in alerts()]
    assert [each for each in said if not each.endswith(".") or "$labels.instance" not in each] == []


def test_the_codes_and_states_that_alerts_name_exist() -> None:
    known = {leaf.code for leaf in LEAVES} | {"internal_error", "failed", "paused"}
    text = ALERTS.read_text("utf-8")
    assert {*re.findall(r'(?:code|outcome|state)="(\w+)"', text)} - known == set()


def test_the_sample_scrapes_under_the_name_that_the_alerts_use() -> None:
    jobs = [job["job_name"] for job in yaml.safe_load(SCRAPES.read_text("utf-8"))["scrape_configs"]]
    assert jobs == ["trinax"]


def test_the_page_has_the_table_of_the_code() -> None:
    page = PAGE.read_text("utf-8")
    told = 'python -c "from trinax.web.metrics.catalogue import table; print(table())"'
    assert table() in page, f"put the output of {told} into docs/operations.md"


def test_the_key_that_the_page_makes_reads_metrics(tmp_path: Path) -> None:
    (command,) = re.findall(r"```sh\ntrinax (.*)\n```", PAGE.read_text("utf-8"))
    settings = folders(tmp_path)
    places = ["--data-dir", str(settings.data_dir)]
    made = CliRunner().invoke(main, [*command.split(), "--json", *places])
    key = {"authorization": f"Bearer {json.loads(made.stdout)['key']}"}
    with TestClient(build(settings), "http://127.0.0.1", client=("192.168.1.9", 1)) as http:
        assert http.get("/metrics").status_code == 401
        assert http.get("/metrics", headers=key).status_code == 200
        assert http.get("/v1/collections", headers=key).status_code == 403


def test_a_metric_that_is_not_shown_would_be_seen() -> None:
    assert named("rate(trinax_made_up_total[5m]) / process_open_fds") == {
        "trinax_made_up_total",
        "process_open_fds",
    }
