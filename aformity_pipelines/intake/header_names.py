"""Header texts that are easily taken for one another, or say nothing.  Keep out: finding headers, and renaming them."""

import unicodedata

from aformity_pipelines.intake.reading import RawWarning, WarningKind

_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})


def header_warnings(headers: tuple[str, ...]) -> tuple[RawWarning, ...]:
    """Return what to know about the names: those alike, also but for case, spaces or writing, and empty ones."""
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
    if empty:
        shown = "column " + ", ".join(map(str, empty[:9]))
        warnings.append(RawWarning(kind=WarningKind.EMPTY_HEADER, count=len(empty), example=shown))
    return tuple(warnings)


def _folded(header: str) -> str:
    """Return the name without case, blanks and marks that no one sees."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    return "".join(sign for sign in plain if unicodedata.category(sign) not in _UNSEEN)
