"""Dataclasses that are defined quickly, for a short cold start.

For each dataclass, the standard library writes six methods as text and compiles them. That takes
0.7 ms, and a function loads a hundred dataclasses before its first image is done. Here the standard
library still finds the fields and makes the slots, so that its `replace`, `fields` and `asdict`
work, but all classes share their methods: 0.1 ms.
"""

import dataclasses
from collections.abc import Callable
from operator import ge, gt, le, lt
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

# For type checkers this is the decorator of the standard library, which they know.
if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

_T = TypeVar("_T")


def shared_methods(
    *, slots: Literal[True], frozen: bool = False, order: bool = False
) -> Callable[[type[_T]], type[_T]]:
    """Return a decorator like `dataclasses.dataclass` with the same arguments.

    Of the options of `field` it supports `default`, `default_factory`, `init` and `repr`.
    """

    def decorate(cls: type[_T]) -> type[_T]:
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        methods: dict[str, object] = {"__init__": _init(made), "__repr__": _repr, "__eq__": _eq}
        methods |= _FROZEN if frozen else {"__hash__": None}
        methods |= _ORDER if order else {}
        for name, method in methods.items():
            if name not in vars(cls):
                setattr(made, name, method)
        return made

    return decorate


def _init(cls: type) -> Callable[..., None]:
    """Return the `__init__` of a class."""
    fields = [field for field in dataclasses.fields(cls) if field.init]
    # A slot's own setter, which a frozen class does not refuse.
    setters = [(field.name, vars(cls)[field.name].__set__) for field in fields]
    finish: Callable[[object], None] | None = getattr(cls, "__post_init__", None)
    defaults = {field.name: make for field in fields if (make := _default(field))}

    def __init__(self: object, /, *values: object, **named: object) -> None:  # noqa: N807
        for (_, store), value in zip(setters, values, strict=False):
            store(self, value)
        for name, store in setters[len(values) :]:
            if name in named:
                store(self, named.pop(name))
            elif name in defaults:
                store(self, defaults[name]())
            else:
                raise TypeError(f"{cls.__qualname__}() misses the field {name!r}")
        if named or len(values) > len(setters):
            given = f"{len(values)} values and {sorted(named)}"
            raise TypeError(f"{cls.__qualname__}() has {len(setters)} fields, got {given}")
        if finish:
            finish(self)

    return __init__


def _default(field: "dataclasses.Field[Any]") -> Callable[[], object] | None:
    """Return a function that returns the default; None if a value is required."""
    if field.default is not dataclasses.MISSING:
        return lambda: field.default
    return None if field.default_factory is dataclasses.MISSING else field.default_factory


@recursive_repr()
def _repr(self: Any) -> str:  # noqa: ANN401 - of any dataclass
    shown = (field.name for field in dataclasses.fields(self) if field.repr)
    values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({values})"


def _eq(self: object, other: object) -> bool:
    return _values(self) == _values(other) if type(self) is type(other) else NotImplemented


def _hash(self: object) -> int:
    return hash(_values(self))


def _values(self: Any) -> tuple[object, ...]:  # noqa: ANN401 - of any dataclass
    return tuple(getattr(self, name) for name in self.__slots__)


def _refuse(self: object, name: str, _: object = None) -> NoReturn:
    raise dataclasses.FrozenInstanceError(f"{type(self).__qualname__} is frozen: {name!r}")


def _comparison(compare: Callable[[Any, Any], object]) -> Callable[[object, object], object]:
    def method(self: object, other: object) -> object:
        is_same = type(self) is type(other)
        return compare(_values(self), _values(other)) if is_same else NotImplemented

    return method


def _restore(self: Any, values: tuple[object, ...]) -> None:  # noqa: ANN401 - of any dataclass
    for name, value in zip(self.__slots__, values, strict=True):
        object.__setattr__(self, name, value)


_FROZEN = {
    "__hash__": _hash,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    # For `copy` and `pickle`, which would set each field.
    "__getstate__": _values,
    "__setstate__": _restore,
}
_ORDER = {f"__{each.__name__}__": _comparison(each) for each in (lt, le, gt, ge)}


if not TYPE_CHECKING:
    dataclass = shared_methods
