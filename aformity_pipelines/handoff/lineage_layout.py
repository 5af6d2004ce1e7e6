"""Where each part of a lineage picture lies: lanes, one a mapping, and the runs of lanes that share their models.

Pure geometry over one entity's mapped fields; nothing is drawn here.  A model that many fields pass stands once
beside all of them, and again after ten, so that it is in sight wherever a reader has scrolled to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from aformity_pipelines.domain.launch.field_map import MappedField, MappingKind
from aformity_pipelines.handoff.visible_text import wrapped

ORIGIN_WIDTH, RULE_WIDTH, MODEL_WIDTH, FIELD_WIDTH = 262, 232, 176, 184
"""Room for what was delivered, for the rule, for the models and for the field."""
BETWEEN = 28
"""Room for the threads between them."""
TOP, ORIGIN, LINE, PAD, GAP = 32, 31, 15, 6, 9
"""Height of the heads, of an origin's two lines, of one line in a box, of its margins; space between lanes."""
CODE, SMALL_CODE, WORDS, NOTE = 7.0, 6.4, 6.3, 5.6
"""Width of one sign of each kind of text, so that a label ends before its neighbour."""
MOST_IN_RUN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One mapping of a field: where its values start, the words in its box, and where it lies."""

    field: MappedField
    origins: tuple[tuple[str, str], ...]
    """Source and header of each column; the source is empty where nobody named it."""
    words: tuple[str, ...]
    code: str
    top: float = 0
    height: float = 0

    @property
    def is_mapped(self) -> bool:
        """Whether anything fills the field here."""
        return self.field.kind is not MappingKind.NOT_MAPPED

    @property
    def middle(self) -> float:
        """The height at which its threads run."""
        return self.top + self.height / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Lanes one below the other that pass the same models; `words` is empty where they pass none."""

    lanes: tuple[Lane, ...]
    words: tuple[str, ...]

    @property
    def top(self) -> float:
        """Where its box starts."""
        return self.lanes[0].top

    @property
    def height(self) -> float:
        """How tall its box is."""
        return self.lanes[-1].top + self.lanes[-1].height - self.top


def laid_out(fields: Sequence[MappedField]) -> tuple[Run, ...]:
    """Place the lanes of `fields` from top to bottom; mappings of one field lie together."""
    names = list(dict.fromkeys(field.field for field in fields))
    lanes = [_lane(field) for field in sorted(fields, key=lambda field: names.index(field.field))]
    runs, top = [], float(TOP)
    for found in _shared(lanes):
        words = _model_words(found[0].field, len(found))
        own = [_least(lane) for lane in found]
        missing = len(words) * LINE + 2 * PAD - sum(own) - GAP * (len(own) - 1)
        placed = []
        for lane, least in zip(found, own, strict=True):
            height = least + max(0, missing if words else 0) / len(found)
            placed.append(replace(lane, top=top, height=height))
            top += height + GAP
        runs.append(Run(lanes=tuple(placed), words=words))
    return tuple(runs)


def origins(field: MappedField) -> tuple[str, ...]:
    """Return the columns that a field is made of, as `source.header`: the SQL's own word where it has one."""
    return field.upstream or tuple(
        f"{field.source}.{header}" if field.source else header for header in field.headers
    )


def split_origins(field: MappedField) -> tuple[tuple[str, str], ...]:
    """Return `origins` as pairs of source and header."""
    found = []
    for origin in origins(field):
        source, _, header = origin.partition(".")
        is_named = bool(header) and bool(field.upstream or field.source)
        found.append((source, header) if is_named else ("", origin))
    return tuple(found)


def _lane(field: MappedField) -> Lane:
    plain = "carried over as it is" if field.kind is MappingKind.DIRECT else field.kind.replace("_", " ")
    has_code = field.kind in {MappingKind.TRANSFORMED, MappingKind.COMBINED}
    return Lane(
        field=field,
        origins=split_origins(field),
        words=wrapped(field.rule or plain, int((RULE_WIDTH - 20) / WORDS), lines=2),
        code=" ".join((field.sql or field.formula).split()) if has_code else "",
    )


def _shared(lanes: Sequence[Lane]) -> list[list[Lane]]:
    runs: list[list[Lane]] = []
    for _, group in groupby(lanes, key=lambda lane: (lane.field.models, lane.field.says_model)):
        found = list(group)
        step = MOST_IN_RUN if found[0].field.models else 1
        runs += [found[start : start + step] for start in range(0, len(found), step)]
    return runs


def _least(lane: Lane) -> float:
    box = (len(lane.words) + bool(lane.code)) * LINE + 2 * PAD
    return max(len(lane.origins) * ORIGIN, box, ORIGIN)


def _model_words(field: MappedField, lanes: int) -> tuple[str, ...]:
    most = int((MODEL_WIDTH - 20) / NOTE)
    says = wrapped(field.says_model, most, lines=2 if lanes < 3 else 7)
    return (*wrapped(" → ".join(field.models), most, lines=2 if lanes < 3 else 4), *says)
