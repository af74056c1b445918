"""Which collections exist, and their stores."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable
from copy import copy

from trinax.errors import CollectionNotFound, InvalidRequest
from trinax.index.ports import Store

SLUG = re.compile(r"[a-z0-9_-]{1,48}")
LONGEST_SLUG = 48


def slug(name: str) -> str:
    """A collection's id for a folder's name; "collection" where nothing of the name is left.

    Accents are dropped and anything else becomes "-"; two names can give the same slug.
    """
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9_]+", "-", ascii_name).strip("-")
    return words[:LONGEST_SLUG].strip("-") or "collection"


def check(id: str, param: str = "id") -> None:
    """Raises InvalidRequest if the id is no slug. param: where the request has it."""
    if SLUG.fullmatch(id) is None:
        raise InvalidRequest(
            f"{id!r} cannot be a collection id; use 1 to {LONGEST_SLUG} of a-z, 0-9, '_' and '-'.",
            param,
        )


class Registry:
    """Opens each store at its first use; callable from any thread."""

    def __init__(
        self,
        open_store: Callable[[str], Store],
        known: Iterable[str] = (),
        others: Callable[[], Iterable[str]] | None = None,
    ) -> None:
        """open_store: the store of an id, made if there is none. known: ids that exist already;
        names that are no slug among them are left out. others: those that exist at the moment,
        where another process makes and drops them."""
        self._open_store = open_store
        self._others = others
        self._lock = threading.RLock()
        self._stores: dict[str, Store | None] = {
            id: None for id in known if SLUG.fullmatch(id) is not None
        }
        self._within: frozenset[str] | None = None

    def within(self, ids: frozenset[str] | None) -> "Registry":
        """The same stores without those that have other ids (None: all), as if there were none."""
        if ids is None:
            return self
        narrowed = copy(self)  # the lock and the stores are shared
        narrowed._within = ids if self._within is None else ids & self._within
        return narrowed

    def sees(self, id: str) -> bool:
        """Whether such a collection may be found here, there or not."""
        return self._within is None or id in self._within

    def ids(self) -> list[str]:
        with self._lock:
            return sorted(filter(self.sees, self._stores))

    def refresh(self) -> None:
        """Find what another process has made since, and no more what it has dropped.

        Raises StoreFailed.
        """
        if self._others is None:
            return
        ids = set(filter(SLUG.fullmatch, self._others()))
        with self._lock:
            for gone in self._stores.keys() - ids:
                if store := self._stores.pop(gone):
                    store.close()
            for new in ids - self._stores.keys():
                self._stores[new] = None

    def get(self, id: str) -> Store:
        """Raises CollectionNotFound, and what opening the store raises."""
        with self._lock:
            if id not in self._stores or not self.sees(id):
                raise CollectionNotFound(id)
            return self._opened(id)

    def ensure(self, id: str) -> Store:
        """As get(), making the collection if there is none.

        Raises InvalidRequest if the id is no slug.
        """
        check(id)
        with self._lock:
            return self._opened(id)

    def drop(self, id: str) -> None:
        """Remove the collection and all that its store holds; who searches it finds nothing.

        Raises CollectionNotFound.
        """
        with self._lock:
            store = self.get(id)
            del self._stores[id]
        store.drop()

    def apart(self, id: str) -> Store:
        """A store that nobody finds before switch(); the caller's to drop until then."""
        with self._lock:
            assert id not in self._stores, "its store is open already"
            return self._open_store(id)

    def switch(self, old: str, new: str, store: Store) -> None:
        """In one step the one is found no more and the other is, with that store.

        What the old one holds is removed then. Raises CollectionNotFound.
        """
        with self._lock:
            before = self.get(old)
            del self._stores[old]
            self._stores[new] = store
        before.drop()

    def select(self, ids: Iterable[str] | None = None) -> list[tuple[str, Store]]:
        """Stores by id, in the order asked and each once; None: all, sorted.

        Raises CollectionNotFound for the first unknown one.
        """
        with self._lock:
            wanted = self.ids() if ids is None else dict.fromkeys(ids)
            return [(id, self.get(id)) for id in wanted]

    def close(self) -> None:
        with self._lock:
            for id, store in self._stores.items():
                self._stores[id] = None
                if store is not None:
                    store.close()

    def _opened(self, id: str) -> Store:
        store = self._stores.get(id)
        if store is None:
            store = self._stores[id] = self._open_store(id)
        return store
