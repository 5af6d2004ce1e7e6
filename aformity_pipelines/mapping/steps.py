"""The steps of a rule as SQL over text.  Every step keeps NULL, and none leaves an empty text behind."""

from collections.abc import Callable, Sequence

from aformity_pipelines.domain.mapping import Step
from aformity_pipelines.domain.sql_text import literal

OUTER_SPACES = literal(r"\A[ \t\n\r\x{a0}]+|[ \t\n\r\x{a0}]+\z")
SEVERAL_SPACES = literal(r"\s\s+|[\t\n\f\r]")
"""White space that is not one space already: most texts have none, and are only looked at."""


def _title(text: str) -> str:
    words = f"list_transform(string_split({text}, ' '), lambda w: upper(w[1]) || lower(w[2:]))"
    return f"array_to_string({words}, ' ')"


def _pad_left(text: str, how: str) -> str:
    width, fill = how.split(":", 1)
    return f"case when length({text}) < {width} then lpad({text}, {width}, {literal(fill)}) else {text} end"


def _keep_digits(text: str) -> str:
    sign = f"case when {text} like '+%' then '+' else '' end"
    return f"nullif({sign} || regexp_replace({text}, '[^0-9]', '', 'g'), '')"


def _blank_when(text: str, nothing: Sequence[str]) -> str:
    return f"case when {text} in ({', '.join(map(literal, nothing))}) then null else {text} end"


ONE_TEXT: dict[str, Callable[[str, Step], str]] = {
    "trim": lambda t, _: f"nullif(regexp_replace({t}, {OUTER_SPACES}, '', 'g'), '')",
    "collapse_spaces": lambda t, _: f"regexp_replace({t}, {SEVERAL_SPACES}, ' ', 'g')",
    "lower": lambda t, _: f"lower({t})",
    "upper": lambda t, _: f"upper({t})",
    "title": lambda t, _: _title(t),
    "split": lambda t, s: (
        f"nullif(split_part({t}, {literal(s.split.on)}, {s.split.take}), '')" if s.split else t
    ),
    "prefix": lambda t, s: f"{literal(s.prefix or '')} || {t}",
    "suffix": lambda t, s: f"{t} || {literal(s.suffix or '')}",
    "pad_left": lambda t, s: _pad_left(t, s.pad_left or "0: "),
    "keep_digits": lambda t, _: _keep_digits(t),
    "blank_when": lambda t, s: _blank_when(t, s.blank_when or ()),
}
"""Step name -> SQL of one text after it."""


def apply_step(step: Step, texts: Sequence[str]) -> tuple[str, ...]:
    """Return the SQL of the texts after one step; `join` and `first` leave one of many."""
    if step.join is not None:
        return (f"nullif(concat_ws({literal(step.join)}, {', '.join(texts)}), '')",)
    if step.first:
        return (f"coalesce({', '.join(texts)})",)
    return tuple(ONE_TEXT[step.name](f"({text})" if " " in text else text, step) for text in texts)
