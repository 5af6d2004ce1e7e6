"""The command: damage and read until the time is over, keep what fails, say how to see it again."""

import argparse
import hashlib
import logging
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.fuzz import config, reading
from tests.fuzz.mutate import WORDS, mutated, mutated_archive
from tests.fuzz.outcome import FAILURES, NOTABLE, Outcome
from tests.fuzz.seeds import seeds_of

CRASHERS = Path(__file__).parent / "crashers"
_KINDS = ("csv", "xlsx", "structured", "yaml")
_ARCHIVES = (".xlsx", ".xlsm", ".xlsb", ".ods", ".zip")
Check = Callable[[bytes, str], Outcome]


def main() -> int:
    """Fuzz as the command line says; return 1 if anything failed."""
    told = _arguments()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="aformity-fuzz-") as scratch:
        project = config.project_in(Path(scratch))
        kinds = {kind: seeds_of(kind, project) for kind in (_KINDS if told.kind == "all" else (told.kind,))}
        check = _check(project)
        counts: Counter[str] = Counter()
        seen: set[str] = set()
        until = time.monotonic() + told.minutes * 60
        for number in _numbers(told.only):
            if time.monotonic() > until and told.only is None:
                break
            kind, name, content = chosen(kinds, told.seed, number)
            outcome = _outcome(check, content, name)
            counts[outcome.kind] += 1
            if outcome.kind in FAILURES or (outcome.kind in NOTABLE and outcome.what not in seen):
                seen.add(outcome.what)
                _tell(outcome, name, f"--kind {told.kind} --seed {told.seed} --only {number}")
                if outcome.kind in FAILURES or told.keep:
                    _keep(content, kind, name, told.keep or CRASHERS)
    failed = sum(counts[kind] for kind in FAILURES)
    listed = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    print(f"seed {told.seed}: {counts.total()} inputs: {listed}; {failed} failures")
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=(*_KINDS, "all"), default="all")
    parser.add_argument("--only", type=int, help="one input alone, by its number")
    parser.add_argument("--keep", type=Path, help="keep notable inputs too, in this folder")
    return parser.parse_args()


def _numbers(only: int | None) -> Iterator[int]:
    if only is not None:
        yield only
        return
    number = 0
    while True:
        yield number
        number += 1


def chosen(kinds: dict[str, dict[str, bytes]], seed: int, number: int) -> tuple[str, str, bytes]:
    """Return (kind, name, bytes) of input `number`; nothing but the arguments decides."""
    chance = Random(f"{seed}/{number}")
    kind = chance.choice(sorted(kinds))
    seeds = kinds[kind]
    name, other = chance.choice(sorted(seeds)), chance.choice(sorted(seeds))
    if name.lower().endswith(_ARCHIVES):
        return kind, name, mutated_archive(seeds[name], chance, WORDS[kind])
    return kind, name, mutated(seeds[name], seeds[other], chance, WORDS[kind])


def _check(project: Path) -> Check:
    def check(content: bytes, name: str) -> Outcome:
        if name.startswith(("customers/", "expectations/")):
            return config.outcome_of(content, name, project)
        return reading.outcome_of(content, name)

    return check


def _outcome(check: Check, content: bytes, name: str) -> Outcome:
    try:
        return check(content, name)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - whatever reaches the parent is what is looked for
        return Outcome(kind="parent", what=traceback.format_exc()[-3_000:])


def _tell(outcome: Outcome, name: str, arguments: str) -> None:
    print(f"{outcome.kind}: {name}: {outcome.what}\n    python -m tests.fuzz {arguments}", flush=True)


def _keep(content: bytes, kind: str, name: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()[:8]
    (folder / f"{kind}-{digest}-{name.replace('/', '~')}").write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
