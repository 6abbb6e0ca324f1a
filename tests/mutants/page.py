"""What a hunt came to: a table for the terminal, and docs/mutants.md."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.build import ROOT
from tests.mutants.hunt import Fate, Finding
from tests.mutants.survivors import reason_for

GOAL: Final = 0.95  # of the mutants that are other contracts at all
_PAGE: Final = ROOT / "docs" / "mutants.md"
_FATES: Final = (Fate.KILLED, Fate.SURVIVED, Fate.SAME, Fate.REFUSED)


def score(findings: Sequence[Finding]) -> float:
    """The share of mutants killed, of those that compile to something else."""
    killed = sum(finding.fate is Fate.KILLED for finding in findings)
    alive = sum(finding.fate is Fate.SURVIVED for finding in findings)
    return killed / max(1, killed + alive)


def is_unexplained(finding: Finding) -> bool:
    """Whether it survived, and nobody has said why."""
    return finding.fate is Fate.SURVIVED and not reason_for(finding.mutant)


def is_good(findings: Sequence[Finding]) -> bool:
    """Whether enough are killed, and the others are explained."""
    return score(findings) >= GOAL and not any(map(is_unexplained, findings))


def show(findings: Sequence[Finding], console: Console) -> None:
    """Prints counts for each file, and the survivors without a reason."""
    table = Table("file", "mutants", *_FATES, "score")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in _rows(findings, lambda finding: finding.mutant.file):
        table.add_row(*row)
    console.print(table)
    for finding in filter(is_unexplained, findings):
        console.print(f"survived without a reason: {finding.mutant}", markup=False)


def write(findings: Sequence[Finding], untried: int) -> None:
    """Writes the page; `untried` mutants there are beside those that were tried."""
    _PAGE.write_text(
        _HEAD
        + (f"**{untried} mutants have not been tried yet.**\n\n" if untried else "")
        + _table("file", _rows(findings, lambda finding: finding.mutant.file))
        + "\n"
        + _table("mistake", _rows(findings, lambda finding: finding.mutant.kind))
        + _KILLERS
        + _killers(findings)
        + _SURVIVORS
        + _listed(findings)
    )


_HEAD: Final = """\
# Mutants

Is there a test for every assert, comparison, constant and write of the contracts?
`make mutants` makes one small mistake at a time in the sources that the compiler reads, \
compiles the contract and runs the tests until one fails:

- an `assert`, a lock (`@nonreentrant`), a call for its effect, an event, an assignment \
or a jump is dropped;
- a comparison becomes its neighbour (`<` and `<=`) and its opposite;
- a constant is one more, a named one also one less, `True` is `False`;
- `and` is `or`, a `not` is gone, a condition is negated.

A mutant that compiles to the same code, or not at all, is no other contract and does not count.
First come the tests that have the contract compiled for them, on revm: `differential` (the first \
1,500 rounds) and `attacks`. \
What these let live meets the others: modules in boa, `exhaustive`, `stateful`, `differential` \
(all rounds), and `functional` on Anvil.
It takes hours; stopped, it goes on where it was.

"""
_KILLERS: Final = """
## Which tests find them

Each by the first test that fails.

"""
_SURVIVORS: Final = """
## Survivors

No test kills these, and none should: each is another contract only in its code.

"""


def _table(first: str, rows: Sequence[Sequence[str]]) -> str:
    lines = [[first, "mutants", *_FATES, "score"], ["---", *["--:"] * (len(_FATES) + 2)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _rows(findings: Sequence[Finding], name: Callable[[Finding], str]) -> list[list[str]]:
    """One for each name, and the sum."""
    names = sorted({name(finding) for finding in findings})
    groups = [(each, [found for found in findings if name(found) == each]) for each in names]
    return [_row(each, group) for each, group in [*groups, ("all", list(findings))]]


def _row(name: str, findings: Sequence[Finding]) -> list[str]:
    count = Counter(finding.fate for finding in findings)
    share = f"{score(findings):.1%}"
    return [name, str(len(findings)), *(str(count[fate]) for fate in _FATES), share]


def _killers(findings: Sequence[Finding]) -> str:
    killed = [found for found in findings if found.fate is Fate.KILLED]
    suites = Counter("/".join(found.by.split("/")[:2]) for found in killed)
    return "| suite | killed |\n|---|--:|\n" + "".join(
        f"| `{suite}` | {count} |\n" for suite, count in suites.most_common()
    )


def _listed(findings: Sequence[Finding]) -> str:
    lines = "| where | mistake | why nothing changes |\n|---|---|---|\n"
    for found in _survivors(findings):
        mutant = found.mutant
        change = f"`{_code(mutant.old)}` -> `{_code(mutant.new)}`"
        why = reason_for(mutant) or "**not known yet**"
        lines += f"| `{mutant.file}:{mutant.line}` | {change} | {why} |\n"
    return lines


def _code(code: str) -> str:
    return " ".join(code.split()).replace("|", "\\|") or " "


def _survivors(findings: Sequence[Finding]) -> list[Finding]:
    alive = [finding for finding in findings if finding.fate is Fate.SURVIVED]
    return sorted(alive, key=lambda finding: finding.mutant)
