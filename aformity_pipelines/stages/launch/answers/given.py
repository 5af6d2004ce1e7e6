"""Links of merged records that another row than the surviving one gave, and that are blank all the same."""

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.masking import is_blank

GIVEN = "answer_given"
"""Temp table (entity, record, field, row_id): the blank link of a live record, and the first merged row that has a value for it."""


def create_given(basis: Basis) -> None:
    """Create `answer_given`; a link that the surviving row itself gave is among the blanked ones of the export."""
    basis.query(
        f"create or replace temp table {GIVEN} (entity varchar, record varchar, field varchar, row_id varchar)"
    )
    merged = {row[0] for row in basis.query("select distinct entity from {merges}")}
    for entity in sorted(merged):
        exported, mapped = basis.sources.exported(entity), basis.sources.mapped(entity)
        fields = basis.sources.run.migration.destination.entities[entity].fields
        for name in (name for name, field in fields.items() if field.relationship):
            if exported and mapped:
                basis.query(
                    f"insert into {GIVEN} select {literal(entity)}, p.record, {literal(name)},"
                    " arg_min(p.row_id, p.place) from (select row_ids[1] as record, unnest(row_ids) as row_id,"
                    f" unnest(range(len(row_ids))) as place from {exported} e where len(row_ids) > 1"
                    f" and {is_blank(name, 'e')}) p join {mapped} m on m.row_id = p.row_id"
                    f" where not {is_blank(name, 'm')} group by p.record having min(p.place) > 0"
                )
