from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.contracts.store import WIDTH, entries
from trinax.errors import CollectionNotFound, InvalidRequest
from trinax.index.analysis import query_terms
from trinax.index.edge import EdgeStore, known
from trinax.index.records import Candidates
from trinax.index.registry import SLUG, Registry, slug


def opened(folder: Path) -> Registry:
    return Registry(lambda id: EdgeStore(folder / id, id, WIDTH, "static-1"), known(folder))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = opened(tmp_path / "stores")
    yield registry
    registry.close()


def test_no_collection_exists_at_first(registry: Registry) -> None:
    assert registry.ids() == []
    assert registry.select() == []


def test_a_collection_is_made_once(registry: Registry) -> None:
    assert registry.ensure("notes") is registry.ensure("notes")
    assert registry.get("notes") is registry.ensure("notes")


def test_an_unknown_collection_is_not_made_by_asking(registry: Registry) -> None:
    registry.ensure("notes")
    with pytest.raises(CollectionNotFound):
        registry.get("other")
    with pytest.raises(CollectionNotFound):
        registry.select(["notes", "other"])
    with pytest.raises(CollectionNotFound):
        registry.drop("other")
    assert registry.ids() == ["notes"]


def test_collections_are_selected_in_order_and_once(registry: Registry) -> None:
    for id in ("b", "a", "c"):
        registry.ensure(id)
    assert [id for id, _ in registry.select()] == ["a", "b", "c"]
    assert [id for id, _ in registry.select(["c", "a", "c"])] == ["c", "a"]
    assert registry.select([]) == []


def test_collections_are_known_again(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.ensure("notes").replace(entries("a.md", "apple"))
    first.close()
    (tmp_path / "not a slug").mkdir()
    (tmp_path / "file").write_text("")
    again = opened(tmp_path)
    assert again.ids() == ["notes"]
    assert again.get("notes").count() == 1
    again.close()


def test_a_dropped_collection_is_gone_from_the_disk(tmp_path: Path) -> None:
    registry = opened(tmp_path)
    registry.ensure("notes")
    registry.drop("notes")
    assert registry.ids() == []
    assert known(tmp_path) == []
    assert registry.ensure("notes").fresh
    registry.close()


@pytest.mark.parametrize("id", ["", "Notes", "a b", "../up", "a" * 49, "ünï", "a\n"])
def test_an_id_that_is_no_slug_is_refused(registry: Registry, id: str) -> None:
    with pytest.raises(InvalidRequest):
        registry.ensure(id)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Handbook", "handbook"),
        ("My Notes (2024)", "my-notes-2024"),
        ("Übersicht_1", "ubersicht_1"),
        ("--x--", "x"),
        ("文档", "collection"),
        ("a" * 60, "a" * 48),
    ],
)
def test_a_folder_s_name_gives_an_id(name: str, id: str) -> None:
    assert slug(name) == id
    assert SLUG.fullmatch(slug(name))


def test_other_collections_are_as_if_there_were_none(registry: Registry) -> None:
    for id in ("notes", "work", "vault"):
        registry.ensure(id)
    narrowed = registry.within(frozenset({"notes", "work", "later"}))
    assert narrowed.ids() == ["notes", "work"]
    assert [id for id, _ in narrowed.select()] == ["notes", "work"]
    assert narrowed.get("notes") is registry.get("notes")
    for ask in (narrowed.get, narrowed.drop, lambda id: narrowed.select(["notes", id])):
        with pytest.raises(CollectionNotFound):
            ask("vault")
    assert [narrowed.sees(id) for id in ("notes", "later", "vault")] == [True, True, False]


def test_what_comes_later_is_seen_by_who_may(registry: Registry) -> None:
    narrowed = registry.within(frozenset({"later"}))
    registry.ensure("later")
    assert narrowed.ids() == ["later"]


def test_limits_of_collections_add_up(registry: Registry) -> None:
    registry.ensure("notes")
    registry.ensure("work")
    narrowed = registry.within(frozenset({"notes", "work"})).within(frozenset({"work", "vault"}))
    assert narrowed.ids() == ["work"]
    assert registry.within(None).ids() == ["notes", "work"]


def test_who_searches_what_is_dropped_finds_nothing(registry: Registry) -> None:
    store = registry.ensure("notes")
    store.replace(entries("a.md", "apple"))
    (chunk,) = store.chunks("a.md")
    registry.drop("notes")
    vector = np.ones(WIDTH, np.float32)
    assert store.candidates(vector, query_terms("apple"), 5) == Candidates((), ())
    assert store.fetch([chunk.chunk.id]) == []
    assert store.scores(vector, [chunk.chunk.id]) == {}
    assert (store.files(), store.chunks("a.md"), store.count()) == ([], [], 0)


def test_a_store_apart_is_found_once_it_is_switched_to(registry: Registry) -> None:
    registry.ensure("notes")
    store = registry.apart("papers")
    store.replace(entries("a.md", "apple"))
    assert registry.ids() == ["notes"]
    registry.switch("notes", "papers", store)
    assert registry.ids() == ["papers"]
    assert registry.get("papers").count() == 1
