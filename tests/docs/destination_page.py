"""docs/destination_b2b_saas.md: the data dictionary of the destination."""

from aformity_pipelines.config.destinations import load_destination
from aformity_pipelines.domain.destination import AllowedValue, Destination, Entity, Field, Format
from tests.architecture.sources import ROOT
from tests.docs.markdown import code, page, table

NAME = "b2b_saas"
FORMATS = {
    Format.EMAIL: "e-mail address",
    Format.PHONE: "telephone number",
    Format.COUNTRY_CODE: "country code",
}
SHOWN = 12


def destination() -> Destination:
    """Return the destination that the page describes."""
    return load_destination(ROOT, NAME)


def destination_page() -> str:
    """Return the page."""
    shown = destination()
    moments = table(
        ("moment", "name", "what it is"),
        ((code(key), moment.label, moment.says) for key, moment in shown.moments.items()),
    )
    return page(
        f"{shown.label} (`{shown.destination}`, version {shown.version})",
        f"`expectations/{NAME}/destination.yaml`",
        f"Files are loaded in this order: {', '.join(map(code, shown.load_order()))}.",
        f"## Product moments\n\nWhat a customer would notice if the field were wrong.\n\n{moments}",
        *((_locked(shown),) if shown.locks else ()),
        *(_entity(shown, name, entity) for name, entity in shown.entities.items()),
    )


def _locked(shown: Destination) -> str:
    rows = ((", ".join(map(code, lock.parts)), lock.unlock, lock.says) for lock in shown.locks)
    parts = table(("parts", "who may open them", "why"), rows)
    return f"## Locked parts\n\nNo customer overrides these; everything else can be overridden in `defs.yaml`.\n\n{parts}"


def _entity(shown: Destination, name: str, entity: Entity) -> str:
    fields = table(
        ("field", "type", "what it means", "moment", "demands"),
        (
            (
                code(key),
                field.type.value,
                field.says,
                shown.moments[field.moment].label,
                "; ".join(_demands(field)),
            )
            for key, field in entity.fields.items()
        ),
    )
    lists = [
        f"### {code(f'{name}.{key}')}\n\n{_allowed(field.allowed)}"
        for key, field in entity.fields.items()
        if field.allowed
    ]
    intro = f"{entity.says} A record is named by {code(entity.key)}."
    return "\n\n".join((f"## {entity.plural} (`{name}`)", intro, fields, *lists))


def _demands(field: Field) -> list[str]:
    target = field.relationship
    demands = (
        "required" if field.required else "",
        "unique" if field.unique else "",
        FORMATS[field.format] if field.format else "",
        f"at most {field.max_length} characters" if field.max_length else "",
        f"one of {len(field.allowed)} values" if field.allowed else "",
        f"names {code(f'{target.entity}.{target.field}')} ({target.kind})" if target else "",
        "personal" if field.personal else "",
    )
    return [words for words in demands if words]


def _allowed(values: tuple[AllowedValue, ...]) -> str:
    rows = ((code(one.value), _aliases(one.aliases), one.says or "") for one in values)
    return table(("value", "also known as", "means"), rows)


def _aliases(aliases: tuple[str, ...]) -> str:
    more = f" and {len(aliases) - SHOWN} more" if len(aliases) > SHOWN else ""
    return ", ".join(aliases[:SHOWN]) + more
