"""Which way imports may go, which library belongs to which room, and where a clock may be read."""

import ast
import graphlib
from collections.abc import Iterable, Mapping, Sequence

from tests.architecture.sources import Import, Module, imports_of

MIDDLE = (
    "config", "files", "intake", "quality", "mapping", "transform",
    "review", "fates", "export", "handoff", "tracing", "profile",
)  # fmt: skip
REACH: Mapping[str, tuple[str, ...]] = {
    "domain": (),
    **dict.fromkeys(MIDDLE, ("domain",)),
    "stages": ("domain", *MIDDLE),
    "orchestration": ("domain", *MIDDLE, "stages"),
    "cli": ("domain", *MIDDLE, "stages", "orchestration"),
    "definitions": ("orchestration",),
    "__init__": ("orchestration",),
}
"""What each room may import besides itself, before any named arrow.  The package's own version is free to all."""

CLOCKS = ("now", "today", "utcnow", "fromtimestamp")
CHANCE = ("random", "secrets", "uuid", "time", "getpass")
SURROUNDINGS = ("environ", "getenv")
OUTSIDE = ("orchestration", "cli", "definitions")


def wrong_directions(modules: Iterable[Module], arrows: Iterable[str]) -> list[str]:
    """Return the imports that the rooms' order forbids and no arrow (`review -> mapping.sql`) names."""
    named = {tuple(arrow.split(" -> ")) for arrow in arrows}
    return [
        one.says(f"'{one.module.room}' may not import '{one.here}'")
        for module in modules
        for one in imports_of(module)
        if one.here and not _is_allowed(one, named)
    ]


def unused_arrows(modules: Iterable[Module], arrows: Iterable[str]) -> list[str]:
    """Return the arrows that no import needs any more."""
    imports = [one for module in modules for one in imports_of(module)]
    return [arrow for arrow in arrows if not any(_follows(one, *arrow.split(" -> ")) for one in imports)]


def room_cycles(modules: Iterable[Module]) -> list[str]:
    """Return one circle of rooms that import each other, if there is one; imports in functions count."""
    arrows: dict[str, set[str]] = {}
    for module in modules:
        for one in imports_of(module):
            if one.here and (room := one.here.partition(".")[0]) != module.room:
                arrows.setdefault(module.room, set()).add(room)
    return _circle({start: ends for start, ends in arrows.items() if start != "__init__"})


def module_cycles(modules: Sequence[Module]) -> list[str]:
    """Return one circle of modules that import each other, if there is one; imports in functions count."""
    names = {module.name for module in modules}
    return _circle({module.name: _imported(module, names) for module in modules if module.name != "__init__"})


def strange_libraries(
    modules: Iterable[Module], *, only: Mapping[str, tuple[str, ...]], never: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Return the imports of a library outside of its places (`only`) or in a room that refuses it (`never`)."""
    breaches = []
    for module in modules:
        for one in imports_of(module):
            places = only.get(one.library)
            if places is not None and not {module.room, module.path} & set(places):
                breaches.append(one.says(f"'{one.library}' belongs to {' and '.join(places)}"))
            if one.library in never.get(module.room, ()):
                breaches.append(one.says(f"'{module.room}' does without '{one.library}'"))
    return breaches


def clocks_and_chance(modules: Iterable[Module]) -> list[str]:
    """Return where the engine asks a clock, chance or its surroundings: these come in as arguments."""
    inner = [module for module in modules if module.room not in OUTSIDE]
    asked = [
        f"{module.path}:{node.lineno}: '{node.attr}' is asked; take it as an argument"
        for module in inner
        for node in ast.walk(module.tree())
        if isinstance(node, ast.Attribute) and (node.attr in SURROUNDINGS or _is_clock(node))
    ]
    imported = [
        one.says(f"'{one.target}' is asked; take it as an argument")
        for module in inner
        for one in imports_of(module)
        if one.library in CHANCE or one.target in {f"os.{name}" for name in SURROUNDINGS}
    ]
    return asked + imported


def _is_clock(node: ast.Attribute) -> bool:
    owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
    return node.attr in CLOCKS and owner in {"datetime", "date"}


def _is_allowed(one: Import, named: set[tuple[str, ...]]) -> bool:
    room = one.here.partition(".")[0]
    known = (*REACH.get(one.module.room, ()), one.module.room, "__version__")
    return room in known or any(_follows(one, start, end) for start, end in named)


def _follows(one: Import, start: str, end: str) -> bool:
    return one.module.room == start and f"{one.here}.".startswith(f"{end}.")


def _imported(module: Module, names: set[str]) -> set[str]:
    targets = {one.here for one in imports_of(module) if one.here}
    found = {name if name in names else name.rpartition(".")[0] for name in targets}
    return (found & names) - {module.name}


def _circle(arrows: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        graphlib.TopologicalSorter(arrows).prepare()
    except graphlib.CycleError as fault:
        return [" -> ".join(reversed(fault.args[1]))]
    return []
