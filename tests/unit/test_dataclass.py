"""The dataclasses with shared methods, compared with those of the standard library."""

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from imagemill.dataclass import dataclass as quick

Decorator = Callable[..., Any]
BOTH = pytest.mark.parametrize("dataclass", [dataclasses.dataclass, quick])


def point(dataclass: Decorator, **options: bool) -> type[Any]:
    """Return a class that one of the two decorators made."""

    @dataclass(slots=True, **options)
    class Point:
        """A point with all kinds of fields."""

        x: int
        y: int = 2
        tags: list[str] = dataclasses.field(default_factory=list)
        secret: str = dataclasses.field(default="s", repr=False)

    return Point


@BOTH
@pytest.mark.parametrize(
    ("values", "named", "expected"),
    [
        ((1,), {}, (1, 2, [], "s")),
        ((1, 3, ["a"], "t"), {}, (1, 3, ["a"], "t")),
        ((1,), {"secret": "t"}, (1, 2, [], "t")),
        ((), {"y": 5, "x": 4}, (4, 5, [], "s")),
    ],
)
def test_fields_get_the_values_or_their_defaults(
    dataclass: Decorator,
    values: tuple[object, ...],
    named: dict[str, object],
    expected: tuple[object, ...],
) -> None:
    one = point(dataclass)(*values, **named)

    assert dataclasses.astuple(one) == expected


@BOTH
@pytest.mark.parametrize("frozen", [True, False])
def test_an_object_can_be_copied(dataclass: Decorator, *, frozen: bool) -> None:
    one = point(dataclass, frozen=frozen)(1, tags=["a"])

    other = copy.deepcopy(one)

    assert other == one
    assert other.tags is not one.tags


@BOTH
def test_a_class_may_finish_its_objects_itself(dataclass: Decorator) -> None:
    @dataclass(slots=True)
    class Square:
        side: int
        area: int = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.area = self.side**2

    assert Square(3).area == 9


@BOTH
@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((), {"y": 1}), ((1, 2, [], "s", 5), {}), ((1,), {"z": 1}), ((1,), {"x": 1})],
)
def test_missing_unknown_and_repeated_fields_are_errors(
    dataclass: Decorator, values: tuple[object, ...], named: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        point(dataclass)(*values, **named)


@BOTH
def test_each_object_has_its_own_default_list(dataclass: Decorator) -> None:
    kind = point(dataclass)

    assert kind(1).tags is not kind(1).tags


@BOTH
def test_objects_are_equal_if_class_and_values_are(dataclass: Decorator) -> None:
    kind, other = point(dataclass), point(dataclass)

    assert kind(1, 2) == kind(1)
    assert kind(1) != kind(2)
    assert kind(1) != other(1)
    assert kind(1) != 1


@BOTH
def test_frozen_objects_refuse_changes_and_can_be_keys(dataclass: Decorator) -> None:
    kind = point(dataclass, frozen=True)
    one = kind(1, tags=())

    with pytest.raises(dataclasses.FrozenInstanceError):
        one.x = 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        del one.x
    assert {one: "found"}[kind(1, tags=())] == "found"


@BOTH
def test_other_objects_can_be_changed_and_cannot_be_keys(dataclass: Decorator) -> None:
    one = point(dataclass)(1)

    one.x = 3

    assert one.x == 3
    with pytest.raises(TypeError):
        hash(one)


@BOTH
def test_ordered_objects_compare_field_by_field(dataclass: Decorator) -> None:
    kind = point(dataclass, frozen=True, order=True)
    low, high = kind(1, 9), kind(2, 0)

    assert (low < high, low <= kind(1, 9), high > low, high >= kind(2, 0)) == (True,) * 4
    assert (high < low, high <= low, low > high, low >= high) == (False,) * 4
    assert max(low, high) is high
    with pytest.raises(TypeError):
        low < point(dataclass, frozen=True, order=True)(2)  # noqa: B015


@BOTH
def test_objects_have_no_other_attributes(dataclass: Decorator) -> None:
    with pytest.raises(AttributeError):
        point(dataclass)(1).z = 1


@BOTH
def test_the_representation_leaves_out_hidden_fields(dataclass: Decorator) -> None:
    assert repr(point(dataclass)(1)).endswith("Point(x=1, y=2, tags=[])")


@BOTH
def test_the_functions_of_the_standard_library_work(dataclass: Decorator) -> None:
    kind = point(dataclass)

    changed = dataclasses.replace(kind(1), y=7)

    assert dataclasses.asdict(changed) == {"x": 1, "y": 7, "tags": [], "secret": "s"}
    assert [field.name for field in dataclasses.fields(kind)] == ["x", "y", "tags", "secret"]
    match changed:
        case kind(1, y):
            assert y == 7
        case _:
            pytest.fail("no match")


@BOTH
def test_a_field_without_init_has_no_value_before_it_is_set(dataclass: Decorator) -> None:
    @dataclass(slots=True)
    class Later:
        """A class with a field that is set later."""

        first: int
        later: int = dataclasses.field(init=False)

    kind: type[Any] = Later
    one = kind(1)
    with pytest.raises(AttributeError):
        _ = one.later
    with pytest.raises(TypeError):
        kind(1, 2)
    one.later = 2
    assert dataclasses.astuple(one) == (1, 2)


@BOTH
def test_methods_of_the_class_are_kept(dataclass: Decorator) -> None:
    @dataclass(frozen=True, slots=True)
    class Same:
        """A class that compares by its own rule."""

        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Same)

        def __hash__(self) -> int:
            return 1

        def __repr__(self) -> str:
            return "same"

    assert Same(1) == Same(2)
    assert (hash(Same(1)), repr(Same(1))) == (1, "same")


def test_classes_share_their_methods() -> None:
    one, other = point(quick), point(quick)

    assert one.__eq__ is other.__eq__
    assert one.__repr__ is other.__repr__
