"""The judge and its reference implementation: the same question, answered in the same words."""

from dataclasses import dataclass

from plumbline.chain.packing import rules_word, status_word
from plumbline.settlement import Band, LabelerOutcome, Mode, settle
from plumbline.settlement.sheet import pack, unpack
from tests.differential.crowds import Round
from tests.world.chain import Contract


@dataclass(frozen=True, slots=True)
class Judgement:
    """What both of them say of a round; silent labelers are not the judge's business."""

    mode: Mode
    crowd_kappa_ppm: int
    bar_ppm: int
    usable_gold: tuple[int, ...]
    consensus: tuple[int | None, ...]
    contested: tuple[int, ...]
    revealed: tuple[LabelerOutcome, ...]


def ask_judge(judge: Contract, case: Round) -> Judgement:
    """The contract's word; raises SheetError if its consensus is no proper sheet."""
    options, tasks = case.terms.options, case.terms.tasks
    sheets = [pack(row, options) for row in case.answers if row is not None]
    gold = pack([case.gold.get(task) for task in range(tasks)], options)
    verdict, rulings = judge.ask(
        "judge", status_word(case.terms), rules_word(case.terms), sheets, gold
    )
    mode, crowd_kappa, bar, usable, decided, contested, consensus = verdict
    return Judgement(
        mode=Mode(mode),
        crowd_kappa_ppm=crowd_kappa,
        bar_ppm=bar,
        usable_gold=_tasks(usable),
        consensus=tuple(unpack([decided, *consensus], options, tasks)),
        contested=_tasks(contested),
        revealed=tuple(_outcome(ruling) for ruling in rulings),
    )


def _tasks(plane: int) -> tuple[int, ...]:
    return tuple(task for task in range(256) if plane >> task & 1)


def _outcome(ruling: int) -> LabelerOutcome:
    """band 8 | kappa 24 | pay 88 | slash 88, from the low end."""
    return LabelerOutcome(
        band=Band(ruling & 0xFF),
        pay=ruling >> 32 & (1 << 88) - 1,
        slash=ruling >> 120,
        kappa_ppm=ruling >> 8 & 0xFFFFFF,
    )


def ask_reference(case: Round) -> Judgement:
    """Python's word."""
    settlement = settle(case.terms, case.answers, case.gold)
    return Judgement(
        mode=settlement.mode,
        crowd_kappa_ppm=settlement.crowd_kappa_ppm,
        bar_ppm=settlement.bar_ppm,
        usable_gold=settlement.usable_gold,
        consensus=settlement.consensus,
        contested=settlement.contested,
        revealed=tuple(
            outcome
            for outcome, row in zip(settlement.labelers, case.answers, strict=True)
            if row is not None
        ),
    )
