"""`make swarm`: random systems x random faults x seeds, held against the invariants.

Says on failure which trial it was, and leaves its scenario beside it to be run again.
"""

import argparse
import sys
from pathlib import Path

from simulator.errors import BrownoutError
from tests.swarm.flights import fly
from tests.swarm.systems import Trial, trial


def main() -> int:
    """Fly trials; 1 if any of them broke a promise."""
    parser = argparse.ArgumentParser(prog="make swarm", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many trials")
    parser.add_argument("--first", type=int, default=0, help="number of the first one")
    parser.add_argument("--out", type=Path, default=Path("runs"), help="where failures go")
    asked = parser.parse_args()
    failed = 0
    for number in range(asked.first, asked.first + asked.count):
        made = trial(number)
        try:
            again, tight = fly(made), fly(made, capacity=16)
            wrong = "" if again == tight else "another capacity gave another record"
        except (BrownoutError, AssertionError, ArithmeticError, LookupError, ValueError) as error:
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            failed += 1
            told(number, made, wrong, asked.out)
        elif (number + 1 - asked.first) % 10 == 0:
            print(
                f"{number + 1 - asked.first} of {asked.count} trials, {failed} failed", flush=True
            )
    return 1 if failed else 0


def told(number: int, made: Trial, wrong: str, out: Path) -> None:
    """Say what went wrong and how to see it again."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"swarm-{number}.drill.yaml"
    file.write_text(made.text, encoding="utf-8")
    print(f"trial {number}: {wrong}", file=sys.stderr)
    print(f"  scenario {file}, seed {made.seed}", file=sys.stderr)
    for second, line in made.commands:
        print(f"  at {second} s: {line}", file=sys.stderr)
    print(f"  again: make swarm FIRST={number} COUNT=1", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
