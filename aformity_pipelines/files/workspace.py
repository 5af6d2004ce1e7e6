"""Where everything lies: the one resolver of paths.  No other module builds one.

Records (deliveries, published versions, handoffs) and the rebuildable cache (`build/`) lie apart; digest
keys lie outside the customers' folders.
"""

from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.base import is_slug
from aformity_pipelines.domain.destination import VERSIONS

KEY_BYTES = 32


def checked_slug(slug: str) -> str:
    """Return `slug`; ValueError where it is not one.  The only door from names to folders."""
    if not is_slug(slug):
        raise ValueError(
            f"{slug!r} cannot name a customer, wave, source or entity: use lower-case letters, digits and `_`,"
            " a letter first, 63 at most, and no device of Windows (con, nul, ...)"
        )
    return slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """A project folder with its customers, and the storage beside it."""

    root: Path
    storage: Path

    @property
    def transforms(self) -> Path:
        """The dbt project."""
        return self.root / "dbt_like_transforms"

    def customer(self, slug: str) -> Path:
        """The folder that people edit."""
        return self.root / "customers" / checked_slug(slug)

    def intake(self, slug: str) -> Path:
        """Where new files are put."""
        return self.customer(slug) / "intake"

    def log(self, slug: str) -> Path:
        """The decision log."""
        return self.customer(slug) / "decisions.jsonl"

    def upgrade(self, slug: str) -> Path:
        """The note of an upgrade of the destination that was begun and is not finished."""
        return self.customer(slug) / "upgrade.json"

    def coverage(self, slug: str) -> Path:
        """The coverage files of decisions about many rows, named by their SHA-256."""
        return self.customer(slug) / "coverage"

    def unfinished(self, slug: str) -> Path:
        """What appends to the log left that died before they were acknowledged."""
        return self.customer(slug) / "unfinished"

    def suites(self, destination: str, entity: str, version: str | None = None) -> Path:
        """The suites of one entity of a destination; the newest version's unless an older one is kept under that name."""
        home = self.root / "expectations" / checked_slug(destination)
        kept = home / VERSIONS / version if version else home
        return (kept if kept.is_dir() else home) / checked_slug(entity)

    def source_suite(self, slug: str, source: str) -> Path:
        """The customer's own additions to a source's intake suite."""
        return self.customer(slug) / "expectations" / f"{checked_slug(source)}.json"

    @property
    def site(self) -> Path:
        """The site of all customers: copies of what the CSM may see; it can be built again."""
        return self.storage / "site"

    def of_customer(self, slug: str) -> Path:
        """Everything stored about one customer; a process opens nothing of another."""
        return self.storage / "customers" / checked_slug(slug)

    def deliveries(self, slug: str) -> Path:
        """Immutable copies of what was delivered, named by their SHA-256."""
        return self.of_customer(slug) / "deliveries"

    def build(self, slug: str, stage: str, name: str, wave: str | None) -> Path:
        """The cache of one stage's output."""
        part = checked_slug(wave) if wave else "all_waves"
        return self.of_customer(slug) / "build" / part / checked_slug(stage) / checked_slug(name)

    def published(self, slug: str, wave: str) -> Path:
        """The published versions of a wave, and the pointer to the current one."""
        return self.of_customer(slug) / "published" / checked_slug(wave)

    def handoff(self, slug: str, wave: str) -> Path:
        """The handoffs of a wave, and the pointer to the current one."""
        return self.of_customer(slug) / "handoff" / checked_slug(wave)

    def revalidations(self, slug: str, wave: str) -> Path:
        """The re-validations of a wave, one folder each, kept for good."""
        return self.of_customer(slug) / "revalidations" / checked_slug(wave)

    def digests(self, slug: str, wave: str) -> Path:
        """What each owner was told after each re-validation of a wave."""
        return self.of_customer(slug) / "digests" / checked_slug(wave)

    def scratch(self, slug: str) -> Path:
        """Where DuckDB spills and folders are staged before they are renamed."""
        return self.of_customer(slug) / "scratch"

    def lock(self, slug: str) -> Path:
        """The lock file that admits one writer."""
        return self.of_customer(slug) / "lock"

    def history_lock(self, slug: str) -> Path:
        """The lock file that admits one writer of the review history in Dagster; decisions need not wait for it."""
        return self.of_customer(slug) / "history.lock"

    def key(self, slug: str) -> Path:
        """The customer's digest key; samples bring a test key that is committed and labelled."""
        test_key = self.root / "customers" / ".test-keys" / f"{checked_slug(slug)}.key"
        return test_key if test_key.is_file() else self.storage / "keys" / f"{slug}.key"
