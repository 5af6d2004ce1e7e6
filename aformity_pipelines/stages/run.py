"""What every stage is given: one customer, one wave, one connection, one date."""

from dataclasses import dataclass, field
from datetime import date

import duckdb

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.fingerprint import canonical_json, fingerprint
from aformity_pipelines.files.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One customer's wave being worked on."""

    migration: Migration
    workspace: Workspace
    connection: duckdb.DuckDBPyConnection
    wave: str
    as_of: date  # the only clock
    by: str  # who runs it, for the register of deliveries
    pending: dict[str, bytes] = field(default_factory=dict)
    """Coverage files of decisions that are being worked out, by SHA-256; on the disk once these are recorded."""
    takes_in: bool = True
    """Whether files in `intake/` that are not registered yet are taken in; else what is registered counts."""

    @property
    def slug(self) -> str:
        """The customer's slug."""
        return self.migration.slug

    def waves_in_scope(self) -> tuple[str, ...]:
        """Return this wave and the ones before it: rows of later waves are not judged now."""
        rank = self.migration.customer.rank(self.wave)
        return tuple(wave.name for wave in self.migration.customer.waves[: rank + 1])

    def scope_sql(self) -> str:
        """Return the waves in scope as a SQL list."""
        return f"({', '.join(literal(wave) for wave in self.waves_in_scope())})"

    def digest_key(self) -> bytes:
        """Return the customer's digest key.  FileNotFoundError says how to make one."""
        path = self.workspace.key(self.slug)
        if not path.is_file():
            raise FileNotFoundError(
                f"{path.name}: {self.slug} has no digest key; restore {path}, or run `aformity new` for a new customer"
            )
        lines = path.read_text(encoding="ascii").splitlines()
        return bytes.fromhex(next(line for line in lines if line and not line.startswith("#")))


def secure(connection: duckdb.DuckDBPyConnection, workspace: Workspace, slug: str) -> None:
    """Shut a connection in: it opens files of this customer's storage only, and cannot be let out again.

    Its tables live as long as the run: rewriting them at a checkpoint, after an insert or a delete, is for nothing.
    """
    home = workspace.of_customer(slug)
    scratch = workspace.scratch(slug)
    scratch.mkdir(parents=True, exist_ok=True)
    for setting in (
        f"set temp_directory = {literal(str(scratch))}",
        "set checkpoint_threshold = '1TB'",
        f"set allowed_directories = [{literal(str(home))}]",
        "set enable_external_access = false",
        "set autoinstall_known_extensions = false",
        "set autoload_known_extensions = false",
        "set lock_configuration = true",
    ):
        connection.execute(setting)


def digest_of(value: object) -> str:
    """Return the fingerprint of anything that has a JSON form."""
    return fingerprint(canonical_json(value))
