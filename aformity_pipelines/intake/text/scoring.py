"""How well a grammar explains a text: the shape its records share, the values its cells look like.

After the idea of van den Burg et al., "Wrangling messy CSV files by detecting row and type patterns" (2019):
a wrong delimiter may cut regular records, but hardly into cells that are all numbers, dates or clean text.
Keep out: which grammars are tried, and what is asked.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from aformity_pipelines.intake.cell_kind import CellKind, kind_of
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.sample import Record

_TYPED = {CellKind.EMPTY: 0.9, CellKind.TEXT: 0.0, CellKind.CODE: 0.95}
_USUAL = dict.fromkeys((b",", b";", b"\t", b"|"), 1.0) | dict.fromkeys((b"~", b"^", b"\x01", b"\x1f"), 0.9)
_USUAL[b" "] = 0.6
_CELLS = 600
"""Cells looked at for their kind."""
_UNCLEAN = re.compile(r"""^['"]|['"]$""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One grammar tried on a sample: the width that most records have, and shares from 0 to 1."""

    grammar: Grammar
    width: int
    fitting: float  # of the records, those with that width, or with their neighbour's where tables differ
    broken: float  # of the records, those that break the grammar
    clean: float  # of the cells, how far they look like whole values
    broken_records: int
    is_from_start: bool  # whether the first record has that width

    @property
    def score(self) -> float:
        """From 0 to 1, the higher the better; 0 if nothing is separated."""
        separated = (self.width - 1) / self.width
        delimiter = self.grammar.delimiter
        usual: float = _USUAL.get((delimiter.strip() or delimiter)[:1], 0.7)
        return usual * self.fitting**2 * (1 - self.broken) * self.clean * math.sqrt(separated)


def try_grammar(grammar: Grammar, records: Sequence[Record], others: str) -> Trial:
    """Return how `grammar`, which gave `records`, explains them; `others` are delimiters it might have missed."""
    filled = [record for record in records if record.filled]
    weights = Counter(record.width for record in filled if record.width > 1 and not record.is_broken)
    width = max(weights, key=lambda one: (weights[one], one), default=1)
    body = [record for record in filled if record.width == width]
    sound = [record for record in body if not record.is_broken] or body
    step = max(1, len(sound) * width // _CELLS)
    looked_at = [cell for record in sound[::step] for cell in record.cells][:_CELLS]
    missed = re.compile(f"[{re.escape(others)}]") if others else None
    broken = sum(record.is_broken for record in filled)
    return Trial(
        grammar=grammar,
        width=width,
        fitting=max(len(body) / len(filled), 0.9 * _alike(filled)) if filled else 0.0,
        broken=broken / len(filled) if filled else 0.0,
        clean=sum(_cleanness(cell, missed) for cell in looked_at) / len(looked_at) if looked_at else 0.0,
        broken_records=broken,
        is_from_start=bool(filled) and filled[0].width == width,
    )


def _alike(records: Sequence[Record]) -> float:
    """Return the share of records that are separated into as many cells as the record before."""
    pairs = pairwise(records)
    return sum(one.width == other.width > 1 for one, other in pairs) / len(records)


def _cleanness(cell: str, missed: re.Pattern[str] | None) -> float:
    """Return how far a cell looks like one whole value: 1 for a typed one, little for one that was badly cut."""
    kind = kind_of(cell)
    if kind is not CellKind.TEXT:
        return _TYPED.get(kind, 1.0) * (0.8 if cell[:1].isspace() else 1.0)
    if _UNCLEAN.search(cell):
        return 0.2
    if missed is not None and missed.search(cell):
        return 0.3
    return 0.6 if cell[:1].isspace() else 0.8
