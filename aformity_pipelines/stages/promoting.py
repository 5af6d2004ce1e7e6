"""Promotion: what one customer, or environment, settled, as a starting point for another; nothing of it is approved.

Worked out first, and tried in a shadow of the one that gets it, so that nothing is written that it could not load.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from aformity_pipelines.config.load import check
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.promotion import LeftBehind, PromotedDraft, Promotion
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.personal import Personal, personal
from aformity_pipelines.stages.promoted_decisions import promoted_decisions
from aformity_pipelines.stages.promoted_mappings import promoted_mappings
from aformity_pipelines.stages.promoted_texts import drafts_text
from aformity_pipelines.stages.whatif.shadow import create_shadow, shadow_place

SUGGESTED = "suggested"
"""Folder of a customer with decisions that somebody may make."""


def worked_out(start: Migration, end: Migration, home: Path) -> Promotion:
    """Return what `end`, whose folder is `home`, would get of `start`; nothing is written."""
    hidden = _whatever_is_shown(start)
    mapped = promoted_mappings(start, end, hidden)
    subjects = frozenset(mapped.entities | set(end.customer.sources))
    found = tuple(promoted_decisions(start, end, hidden, subjects))
    drafts = tuple(each for each in found if isinstance(each, PromotedDraft))
    left = _counted((*mapped.left, *(each for each in found if isinstance(each, LeftBehind))))
    return Promotion(
        start=start.slug,
        end=end.slug,
        files=mapped.files,
        same=tuple(mapped.same),
        differ=tuple(mapped.differ),
        drafts=drafts,
        suggested=_place(home, start.slug, end.slug, drafts) if drafts else "",
        left=left,
        missing=tuple(mapped.missing),
    )


def promote(workspace: Workspace, promotion: Promotion) -> None:
    """Write what was worked out into the customer's folder, under its lock; no file is ever replaced.

    ConfigInvalid where it would be a new problem of the customer's folder, FileExistsError where a file came in between: nothing
    is written then.
    """
    slug = promotion.end
    contents = dict(promotion.files)
    if promotion.drafts:
        contents[promotion.suggested] = text_of(promotion)
    with customer_lock(workspace.lock(slug), "aformity promote"):
        home = workspace.customer(slug)
        if there := [name for name in contents if name in promotion.files and (home / name).exists()]:
            raise FileExistsError(f"{home / there[0]}: came in between; nothing was written")
        with shadow_place(workspace, slug) as place:
            shadow = create_shadow(workspace, slug, place / "promoted")
            before = {problem.says for problem in check(shadow.root, slug)}
            _write(shadow.customer(slug), contents)
            if new := [each for each in check(shadow.root, slug) if each.says not in before]:
                raise ConfigInvalid(new)
        _write(home, contents)


def text_of(promotion: Promotion) -> str:
    """Return the content of the file of drafts."""
    return _text(promotion.drafts, promotion.start, promotion.end, promotion.suggested)


def _text(drafts: tuple[PromotedDraft, ...], start: str, end: str, name: str) -> str:
    return drafts_text(drafts, start=start, end=end, path=f"customers/{end}/{name}")


def _write(home: Path, contents: dict[str, str]) -> None:
    for name, content in contents.items():
        write_bytes(home / name, content.encode())


def _place(home: Path, start: str, end: str, drafts: tuple[PromotedDraft, ...]) -> str:
    """Return the name of the file of drafts: a new one, or the one that says exactly this already."""
    number = 1
    while (home / (name := f"{SUGGESTED}/{start}-{number}.yaml")).exists():
        if (home / name).read_bytes() == _text(drafts, start, end, name).encode():
            break
        number += 1
    return name


def _whatever_is_shown(start: Migration) -> Personal:
    """Return what may be personal at a customer, even where its policy shows it to its own CSM."""
    policies = start.customer.policies.model_copy(update={"show_personal_values": False})
    return personal(replace(start, customer=start.customer.model_copy(update={"policies": policies})))


def _counted(left: Iterable[LeftBehind]) -> tuple[LeftBehind, ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in left:
        counts[each.what, each.why] += each.number
    return tuple(LeftBehind(what=what, number=number, why=why) for (what, why), number in counts.items())
