"""One entity, two sources, and what a mapping makes of literal rows."""

from dataclasses import dataclass, field
from typing import Any

import duckdb

from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.mapping import Mapping, ValueMap
from aformity_pipelines.domain.migration import NO_LOG, Migration
from aformity_pipelines.mapping.casts import MACROS
from aformity_pipelines.mapping.columns import RawRelation, internal_names
from aformity_pipelines.mapping.compile import Effects, compile_entity

FIELD = {"says": "A field.", "moment": "use"}
DESTINATION = Destination.model_validate(
    {
        "destination": "small",
        "version": "1",
        "label": "Small",
        "moments": {"use": {"label": "Use", "says": "It is used."}},
        "entities": {
            "person": {
                "label": "Person",
                "plural": "People",
                "says": "Somebody.",
                "key": "id",
                "fields": {
                    "id": {**FIELD, "required": True, "unique": True},
                    "name": FIELD,
                    "seats": {**FIELD, "type": "integer"},
                    "since": {**FIELD, "type": "date"},
                    "amount": {**FIELD, "type": "decimal"},
                    "role": {
                        **FIELD,
                        "allowed": [{"value": "admin", "aliases": ["Administrator"]}, {"value": "member"}],
                    },
                },
            }
        },
    }
)


def customer(headers: tuple[str, ...] = ()) -> Customer:
    where = {"where": {"crm": "\"State\" = 'closed'"}} if "State" in headers else {}
    described = {
        "customer": "Small Co",
        "destination": {"name": "small", "version": "1"},
        "replaces": {"what": "A sheet.", "why": "To test."},
        "people": {"ina": {"name": "Ina Vogt", "role": "Owner", "side": "customer"}},
        "sources": {
            "crm": {"file": "c.csv", "says": "People.", "key": "No", "blanks": ["NULL", "k.A."]},
            "codes": {"file": "k.csv", "says": "Codes.", "lookup_only": True},
        },
        "waves": [
            {"name": "wave_1", "says": "Now then.", "launches_on": "2027-01-01"},
            {"name": "wave_2", "says": "Later.", "launches_on": "2027-02-01", **where},
        ],
        "owners": {"default": {"person": "ina", "due_days": 5}},
    }
    return Customer.model_validate(described)


@dataclass
class Small:
    """Raw tables and a mapping; `rows` and `value` run the compiled SELECT."""

    reads: list[dict[str, Any]]
    crm: tuple[tuple[str, ...], list[tuple[str | None, ...]]]
    codes: tuple[tuple[str, ...], list[tuple[str | None, ...]]] = (("Code", "Word"), [])
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)
    connection: duckdb.DuckDBPyConnection = field(
        default_factory=lambda: duckdb.connect(config={"threads": 1})
    )

    def __post_init__(self) -> None:
        for macro in MACROS:
            self.connection.execute(macro)
        for source, (headers, rows) in (("crm", self.crm), ("codes", self.codes)):
            columns = ", ".join(f"{name} varchar" for name in dict.fromkeys(internal_names(headers).values()))
            self.connection.execute(
                f"create table raw_{source} (row_id varchar, row integer, row_key varchar, {columns})"
            )
            for number, row in enumerate(rows, start=2):
                values = [f"{source}#{number}", number, f"{source}:{row[0]}", *row]
                marks = ", ".join("?" * len(values))
                self.connection.execute(f"insert into raw_{source} values ({marks})", values)

    @property
    def migration(self) -> Migration:
        maps = {
            name: ValueMap.model_validate(
                {
                    "name": name,
                    "entries": [{"source": source, "target": target} for source, target in entries],
                }
            )
            for name, entries in self.values.items()
        }
        mapping = Mapping.model_validate({"entity": "person", "reads": self.reads})
        return Migration(
            slug="small", customer=customer(self.crm[0]), destination=DESTINATION, mappings={"person": mapping}, value_maps=maps,
            log=(), head=NO_LOG,
        )  # fmt: skip

    @property
    def raw(self) -> dict[str, RawRelation]:
        return {
            source: RawRelation(
                source=source,
                relation=f"raw_{source}",
                internal=internal_names(headers),
                blanks=customer().sources[source].blanks,
            )
            for source, headers in (("crm", self.crm[0]), ("codes", self.codes[0]))
        }

    @property
    def sql(self) -> str:
        return compile_entity(self.migration, "person", self.raw, self.effects)

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return the mapped rows in order, the named columns only."""
        named = ", ".join(f'"{column}"' for column in columns)
        return self.connection.execute(f"select {named} from ({self.sql}) order by row_id").fetchall()


def one_field(field_name: str, mapping: dict[str, Any], cells: dict[str, str | None], **more: Any) -> Small:
    """Map one field of one row with the given cells."""
    headers = ("No", *cells)
    reads = [{"source": "crm", "fields": {"id": {"from": "No"}, field_name: mapping}}]
    return Small(reads=reads, crm=(headers, [("1", *cells.values())]), **more)
