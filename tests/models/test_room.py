import pytest

from trinax.errors import Busy, ModelFailed
from trinax.models.ports import Load, ModelInfo
from trinax.models.room import Room


class Model:
    """Takes so many bytes; tells by hand whether it is loaded and at work."""

    def __init__(self, model_id: str, memory_bytes: int) -> None:
        self.info = ModelInfo(model_id, "generate")
        self.memory_bytes = memory_bytes
        self.loaded = False
        self.working = 0
        self.unloads = 0

    def load(self) -> Load:
        return Load(self.info.id, self.working, 0, 1, 0.0)

    def unload(self) -> bool:
        if self.working:
            return False
        self.unloads += 1
        self.loaded = False
        return True

    def close(self) -> None:
        self.loaded = False


@pytest.fixture
def room() -> Room:
    return Room(100)


@pytest.fixture
def a() -> Model:
    return Model("a", 40)


@pytest.fixture
def b() -> Model:
    return Model("b", 40)


@pytest.fixture
def c() -> Model:
    return Model("c", 40)


def test_what_fits_together_stays(room: Room, a: Model, b: Model) -> None:
    room.enter(a)
    room.enter(b)
    assert (room.taken_bytes, a.unloads) == (80, 0)


def test_the_least_recently_used_one_goes(room: Room, a: Model, b: Model, c: Model) -> None:
    for model in (a, b, a, c):
        room.enter(model)
    assert (a.unloads, b.unloads, room.taken_bytes) == (0, 1, 80)


def test_no_more_go_than_must(room: Room, a: Model, b: Model) -> None:
    room.enter(a)
    room.enter(b)
    room.enter(Model("large", 60))
    assert (a.unloads, b.unloads) == (1, 0)


def test_one_at_work_stays_and_another_goes(room: Room, a: Model, b: Model, c: Model) -> None:
    room.enter(a)
    room.enter(b)
    a.working = 1
    room.enter(c)
    assert (a.unloads, b.unloads) == (0, 1)


def test_while_those_at_work_leave_no_room_it_is_busy(room: Room, a: Model, b: Model) -> None:
    room.enter(a)
    room.enter(b)
    a.working = 1
    with pytest.raises(Busy):
        room.enter(Model("large", 90))
    assert b.unloads == 0, "sending it away would not have helped"


def test_what_never_fits_is_refused_with_its_size(room: Room) -> None:
    room = Room(8_000_000_000)
    with pytest.raises(ModelFailed, match=r"about 9\.5 GB .* models have 8\.0 GB"):
        room.enter(Model("huge", 9_500_000_000))


def test_entering_twice_counts_once(room: Room, a: Model) -> None:
    room.enter(a)
    room.enter(a)
    assert room.taken_bytes == 40


def test_one_that_loaded_again_by_itself_counts(room: Room, a: Model, b: Model) -> None:
    room.enter(a)
    room.enter(Model("large", 100))
    assert room.taken_bytes == 100
    a.loaded = True
    assert room.taken_bytes == 140


def test_who_left_counts_no_longer(room: Room, a: Model) -> None:
    room.enter(a)
    room.leave(a)
    room.leave(a)
    assert room.taken_bytes == 0


def test_a_successor_of_the_same_name_is_not_sent_away_with_its_predecessor(room: Room) -> None:
    before, after = Model("a", 40), Model("a", 50)
    room.enter(before)
    room.leave(before)
    room.enter(after)
    room.leave(before)
    assert room.taken_bytes == 50


def test_unused_ones_go_when_their_time_is_over(room: Room, a: Model) -> None:
    room.enter(a)
    room.sweep(3600)
    assert a.unloads == 0
    room.sweep(0)
    assert (a.unloads, room.taken_bytes) == (1, 0)


def test_the_time_begins_when_the_work_ends(room: Room, a: Model) -> None:
    room.enter(a)
    a.working = 1
    room.sweep(0)
    assert a.unloads == 0
    a.working = 0
    room.sweep(0)
    assert a.unloads == 1


def test_what_is_loaded_is_held_the_last_used_first(room: Room, a: Model, b: Model) -> None:
    for model in (a, b):
        room.enter(model)
        model.loaded = True
    room.enter(a)
    held = room.held()
    assert [(each.info.id, each.memory_bytes) for each in held] == [("a", 40), ("b", 40)]
    assert 0 <= held[0].idle_s <= held[1].idle_s


def test_what_is_not_loaded_is_not_held(room: Room, a: Model) -> None:
    room.enter(a)
    assert room.held() == []


def test_what_is_released_leaves_unless_it_is_at_work(room: Room, a: Model) -> None:
    room.enter(a)
    a.loaded, a.working = True, 1
    room.release("a")
    assert a.loaded
    a.working = 0
    room.release("a")
    room.release("nothing")
    assert (a.loaded, room.taken_bytes) == (False, 0)
