"""Customer data migrations that can explain every value, every absence and every choice.

Importing the package costs nothing: Dagster is loaded when somebody asks for the component.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aformity_pipelines.orchestration.component import CustomerMigration

__version__ = "0.1.0"
__all__ = ["CustomerMigration", "__version__"]


def __getattr__(name: str) -> object:
    """Return the Dagster component under the name that `defs.yaml` files use."""
    if name == "CustomerMigration":
        from aformity_pipelines.orchestration.component import CustomerMigration  # noqa: PLC0415 - imports Dagster

        return CustomerMigration
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name the component too: Dagster's registry lists what `dir` shows."""
    return [*globals(), "CustomerMigration"]
