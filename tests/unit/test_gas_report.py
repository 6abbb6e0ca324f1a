"""What a measurement comes to: per label, in dollars, as tables, pictures and a page."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import astuple, replace
from fractions import Fraction
from pathlib import Path

import pytest

from plumbline.lab import page
from plumbline.lab.gas import report as tables
from plumbline.lab.gas.cases import CASES, JOB, JOB_LABELS, Case, Course
from plumbline.lab.gas.fees import FEE_MODELS, FeeLevels
from plumbline.lab.gas.measure import CLOSE, EXPIRE, RELAYED
from plumbline.lab.gas.pictures import draw
from plumbline.lab.gas.report import GasReport, LifeError, life_of
from plumbline.lab.gas.snapshot import from_text
from plumbline.lab.gas.spent import Spent, Traced
from plumbline.lab.gas.together import CHOSEN, ROUNDS, SMALL, WAYS, Shipment
from tests.build import ROOT
from tests.unit.gas import CASE, REPORT, measured, steps_of

LIFE = REPORT.lives[0]
MILLION = GasReport((CASE, JOB), REPORT.contracts, (*REPORT.measured, *steps_of(JOB)), FeeLevels())
PAGE = (ROOT / "docs/gas.md").read_text()


def test_a_label_bears_its_share_of_every_step_in_the_largest_batches() -> None:
    assert LIFE.per_label("gas") == Fraction(1_500 + 38_000 + 11_500 + 20_000, 256)
    assert LIFE.per_label("gas", RELAYED) == Fraction(38_000, 256)
    assert LIFE.per_label("floor") == Fraction(1_000 + 19_000 + 11_500 + 10_000, 256)
    raw = LIFE.per_label("posted.raw")
    assert raw == Fraction(8 + 292 + 230 + 196, 256)
    assert LIFE.per_label("posted.fastlz") == raw / 2
    assert LIFE.per_label("posted.brotli") == raw / 4


def test_a_label_costs_its_gas_and_its_bytes() -> None:
    fees = FeeLevels(base_fee=100, blob_fee=16, l2_fee=3)
    ethereum, _, arbitrum, _ = FEE_MODELS
    gas, brotli = LIFE.per_label("gas"), LIFE.per_label("posted.brotli")
    assert LIFE.wei(ethereum, fees) == gas * 100
    assert LIFE.wei(arbitrum, fees) == gas * 3 + brotli * 16
    assert LIFE.data_wei(arbitrum, fees) == brotli * 16


def test_a_life_without_all_its_steps_is_none() -> None:
    with pytest.raises(LifeError, match="close was not measured"):
        life_of(CASE, REPORT.measured[:-1])
    concluded = replace(CASE, course=Course.CONCLUDED)
    with pytest.raises(LifeError, match="conclude was not measured"):
        life_of(concluded, steps_of(concluded))


def test_rounds_that_go_together_are_told_per_label_however_many_were_measured() -> None:
    """A step of ten rounds and one of forty, and the largest transaction of any."""

    def shipment(case: Case, step: str, way: str, rounds: int, gas: int) -> Shipment:
        share = 864 * rounds * gas // 4
        return Shipment(case, step, way, rounds, (share * 3, share), 864 * rounds)

    shipments = tuple(
        shipment(case, step, way, rounds, gas)
        for case in SMALL
        for step, gas in (("relayed", 400), ("conclude", 450), ("reveal", 120), ("close", 300))
        for way, rounds in (("1 at a time", 10), *((way, ROUNDS) for way in (*WAYS, CHOSEN)))
    )
    opened = tuple(Shipment(case, "open", "", ROUNDS, (864 * 170,) * ROUNDS, 0) for case in SMALL)
    report = replace(REPORT, shipments=opened + shipments)
    rows = tables.together(report.shipments).rows
    assert len(rows) == 4 * (1 + len(WAYS) + 1)
    assert rows[0] == ("nominal K=2 T=96 N=9",)
    largest = f"{864 * ROUNDS * 400 * 3 // 4:,}"
    assert rows[4] == ("all that fit", "170.0", "400.0", "120.0", "300.0", "990.0", largest)
    assert rows[9][1:6] == ("170.0", "400.0", "", "450.0", "1020.0")
    kept = {(item.case, item.step): item for item in report.figures([])}
    where = "40 x nominal K=2 T=96 N=9 with gold tasks"
    assert kept[where, "a label, all that fit"].gas == 990
    assert kept[where, "a label concluded, 1 at a time"].gas == 1_020
    assert kept[where, "open"].gas == 864 * 170
    assert kept[where, "close, 10 at a time"].gas == 300 * 96
    assert tables.together(()).rows == []


def test_a_million_answers_are_the_rounds_and_the_deposits() -> None:
    assert JOB_LABELS == 4_096 * 255
    gas = int(MILLION.lives[1].per_label("gas") * JOB_LABELS) + 256 * 46_000
    ((name, a_label, millions, on_ethereum, *_),) = tables.job(MILLION).rows
    assert (name, millions) == ("Plumbline", f"{gas / 10**6:,.0f}")
    assert a_label == f"{gas / JOB_LABELS:,.0f}"
    assert on_ethereum == f"{gas * 3_000 / 10**9:,.0f}"  # at 1 gwei and 3,000 dollars an ether


def test_without_its_round_there_is_no_bill() -> None:
    assert tables.job(REPORT).rows == []


def test_the_steps_table_has_the_ratio_and_how_near_calldata_is() -> None:
    table = tables.steps(REPORT.measured)
    assert table.rows[1] == (CASE.name,)
    (relayed,) = [row for row in table.rows if row[0] == "relayed, 50 at a time"]
    assert relayed[1:] == ("38,000", "148.4", "19,000", "2.00", "50%", "75%")
    (deposit,) = [row for row in table.rows if row[0] == "deposit"]
    assert deposit[2] == ""  # serves any number of labels


def test_a_round_that_is_not_settled_has_steps_and_no_labels() -> None:
    expired = replace(CASE, course=Course.EXPIRED)
    report = replace(
        REPORT, cases=(CASE, expired), measured=(*REPORT.measured, measured(EXPIRE, 100, 10**6))
    )
    assert [life.case for life in report.lives] == [CASE]
    assert tables.steps(report.measured).rows[-1][0] == "expire"


def test_what_a_step_spends_is_per_labeler_and_adds_up() -> None:
    parts = Spent(210_000, 500_000, 57_000, 16_000, 14_000, 90_000, 230_000, 340_000, 7_000)
    step = measured(CLOSE, 100, sum(astuple(parts)) - 2 * parts.refund, floor=700_000)
    report = replace(REPORT, traced=(Traced(step, parts),))
    heading, row = tables.spent(report.traced).rows
    assert heading == (CASE.name,)
    assert row == (
        *("close", "14,500", "7,670", "300", "900", "2,300", "3,400", "-70"),
        f"{880_000 / 700_000:.2f}",
    )
    assert report.to_json()["traced"][0]["computing"] == 90_000


def test_dollars_follow_the_price_of_ether() -> None:
    assert tables.dollars(10**18, FeeLevels(cents=250_050)) == Fraction("2500.5")
    (row,) = tables.prices([LIFE], FeeLevels()).rows
    # 277.34 gas at 1 gwei and 3,000 dollars, a thousand times
    assert row[1] == "0.8320"
    assert row[3].endswith("(2%)")  # 0.709 bytes at 0.0625 gwei, of 2.82 gwei


def test_a_table_in_markdown_has_as_many_cells_in_each_row() -> None:
    for table in tables.tables(MILLION):
        lines = [line for line in table.markdown().splitlines() if line.startswith("|")]
        assert len(lines) == len(table.rows) + 2
        assert {line.count("|") for line in lines} == {len(table.columns) + 1}


def test_json_has_every_transaction_and_contract() -> None:
    printed = MILLION.to_json()
    assert [item["gas"] for item in printed["transactions"]] == [x.gas for x in MILLION.measured]
    assert printed["contracts"] == [{"name": "Judge", "gas": 3_000_000, "size": 15_000}]


def test_tables_are_of_all_rounds_or_of_some() -> None:
    of_all, of_one = (tables.tables(MILLION, kept) for kept in (None, [CASE]))
    assert [table.key for table in of_all] == [table.key for table in of_one]
    rounds = [[row[0] for row in each[2].rows] for each in (of_all, of_one)]
    assert rounds == [[CASE.name, JOB.name], [CASE.name]]


def test_pictures_are_the_same_for_the_same_figures(tmp_path: Path) -> None:
    drawn, again = (draw(MILLION, [CASE], tmp_path / name) for name in ("first", "second"))
    assert sorted(path.name for path in drawn) == ["gas-grid.svg", "gas-steps.svg"]
    for picture, other in zip(drawn, again, strict=True):
        assert picture.read_bytes() == other.read_bytes()
        assert ElementTree.fromstring(picture.read_text()).tag.endswith("svg")


def test_the_page_shows_every_picture() -> None:
    shown = re.findall(r"!\[[^\]]+\]\((gas-\w+\.svg)\)", PAGE)
    assert sorted(shown) == sorted(path.name for path in (ROOT / "docs").glob("gas-*.svg"))


def test_the_page_has_a_place_for_every_table_and_nothing_else_is_touched(tmp_path: Path) -> None:
    copy = tmp_path / "gas.md"
    copy.write_text(PAGE)
    page.fill(copy, {key: f"new {key}" for key in tables.PAGE_KEYS})
    prose = re.compile(r"(?s)(<!-- figures: \w+ -->).*?(<!-- end of figures -->)")
    assert prose.sub(r"\1\2", copy.read_text()) == prose.sub(r"\1\2", PAGE)


def test_what_the_page_is_filled_with_is_every_table_of_it() -> None:
    assert sorted(tables.blocks(MILLION)) == sorted(tables.PAGE_KEYS)


def test_the_page_and_the_snapshot_are_of_one_measurement() -> None:
    """Both come of `plumbline gas --write`; this one is for who writes only one of them."""
    figures = from_text((ROOT / ".gas-snapshot").read_text())
    for case in CASES:
        heading = f"| **{case.name}** |"
        _, _, after = PAGE.partition(heading)
        rows = after.partition("| **")[0]
        for item in figures:
            if item.case == case.name:
                gas = item.gas // case.labelers if item.step == "open" else item.gas
                assert f"| {item.step} | {gas:,} |" in rows, item
