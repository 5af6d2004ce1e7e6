"""Destination types as SQL types: the one table that casts, empty relations and checks share."""

from collections.abc import Mapping
from types import MappingProxyType

from aformity_pipelines.domain.destination import FieldType

DUCKDB_TYPES: Mapping[FieldType, str] = MappingProxyType(
    {
        FieldType.TEXT: "VARCHAR",
        FieldType.INTEGER: "BIGINT",
        FieldType.DECIMAL: "DECIMAL(18,4)",
        FieldType.DATE: "DATE",
        FieldType.BOOLEAN: "BOOLEAN",
    }
)
"""DuckDB's name for each type that a destination field can have, as `DESCRIBE` spells it."""
