"""Header texts that are easily taken for one another, or say nothing.  Keep out: finding headers, and renaming them."""

import unicodedata

from aformity_pipelines.intake.reading import RawWarning, WarningKind

_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_BREAKS = frozenset("\t\r\n")
_SHOWN = 5


def header_warnings(headers: tuple[str, ...]) -> tuple[RawWarning, ...]:
    """Return what to know about the names: those alike, also but for case, spaces or writing, empty ones, and marks unseen."""
    alike: dict[str, list[str]] = {}
    for header in headers:
        alike.setdefault(_folded(header), []).append(header)
    empty = [number for number, header in enumerate(headers, start=1) if not _folded(header)]
    groups = [names for folded, names in alike.items() if folded and len(names) > 1]
    warnings = []
    if groups:
        shown = "; ".join(" and ".join(map(repr, names)) for names in groups)
        count = sum(len(names) for names in groups)
        warnings.append(RawWarning(kind=WarningKind.DUPLICATE_HEADER, count=count, example=shown))
    if unseen := [header for header in headers if _hides_something(header)]:
        shown = "in the header: " + ", ".join(map(ascii, unseen[:_SHOWN]))
        warnings.append(RawWarning(kind=WarningKind.CONTROL_CHARACTER, count=len(unseen), example=shown))
    if empty:
        shown = "column " + ", ".join(map(str, empty[:9]))
        warnings.append(RawWarning(kind=WarningKind.EMPTY_HEADER, count=len(empty), example=shown))
    return tuple(warnings)


def _hides_something(header: str) -> bool:
    """Whether a name holds a mark that no one sees, so that it looks like another."""
    return any(unicodedata.category(sign) in {"Cc", "Cf"} and sign not in _BREAKS for sign in header)


def _folded(header: str) -> str:
    """Return the name without case, blanks and marks that no one sees."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    return "".join(sign for sign in plain if unicodedata.category(sign) not in _UNSEEN)
