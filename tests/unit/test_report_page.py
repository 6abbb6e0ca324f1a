"""A report is one harmless page that reads well, in every state of a round."""

import re
import time
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from pathlib import Path
from random import Random

import pytest

from plumbline.audit.report import Difference
from plumbline.forensics import Finding, FindingKind, Severity
from plumbline.formats.task_text import task_text
from plumbline.history.ledger import replay
from plumbline.protocol.manifest import Manifest, ManifestError
from plumbline.questions.checklist import Checklist
from plumbline.questions.lots import Lots
from plumbline.questions.question import Question
from plumbline.questions.ranking import Ranking
from plumbline.report import ReportError, facts_of, render_round, render_rounds
from plumbline.report.amounts import RoundAmounts, Steps
from plumbline.report.labelers import STATES as STATES_OF_SEATS
from plumbline.report.plots.key import key
from plumbline.report.plots.svg import Drawing
from plumbline.report.ranges import in_ranges, parse_rounds
from plumbline.report.saving import write_page
from plumbline.report.texts import cut, since, utc
from plumbline.settlement.terms import Kind
from plumbline.units import ETHER, Unit
from tests.build import ROOT
from tests.differential.crowds import Round, random_round
from tests.unit.builders import (
    GOLD_TERMS,
    OPENED,
    TERMS,
    Chain,
    StagedRound,
    audited,
    careful,
    deployment,
    every_state,
    labeler,
    with_gold,
)
from tests.unit.pages import Page

STATES = every_state()
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)></title></style></svg>"
    "{{ 7 * 7 }}{% raw %} & \" ' javascript:alert(1) https://evil.example/x \u202eright\u0000"
)


FINDING = Finding(
    kind=FindingKind.IDENTICAL,
    severity=Severity.STRONG,
    title="Three sheets are the same",
    words="They agree on all tasks.",
    labelers=(labeler(0), labeler(1)),
    rate=0.002,
)


def page_of(staged: StagedRound, **more: object) -> str:
    given = {"now": OPENED + 30, "times": staged.times, "deposits": staged.deposits, **more}
    return render_round(deployment(), staged.history, audited(), **given)  # type: ignore[arg-type]


def summary(rounds: list[StagedRound], **more: object) -> str:
    times = {block: moment for staged in rounds for block, moment in staged.times.items()}
    histories = [staged.history for staged in rounds]
    given = {"now": OPENED + 30, "times": times, **more}
    return render_rounds(deployment(), histories, audited(), **given)  # type: ignore[arg-type]


def manifest_for(terms_tasks: int, task: object = "a task", name: str = "yes") -> Manifest:
    return Manifest(("no", name), tuple([task] * terms_tasks), "Say what it is.")


def numbered(staged: StagedRound, number: int) -> StagedRound:
    """The same round as another one, in other blocks."""
    again = replace(staged, chain=Chain(deposits=False), round_id=number)
    again.chain.events = [
        replace(event, round_id=number, block=event.block + number * 1_000)  # type: ignore[call-arg]
        for event in staged.events
    ]
    return again


# ----------------------------------------------------------------- every state


@pytest.mark.parametrize("name", STATES)
def test_the_page_of_every_state_is_well_formed_and_accessible(name: str) -> None:
    assert Page(page_of(STATES[name])).faults == []


@pytest.mark.parametrize("name", STATES)
def test_a_page_can_do_without_times(name: str) -> None:
    page = Page(page_of(STATES[name], times={}, deposits=()))
    assert page.faults == []
    assert "The times of the blocks are not known." in page.text


@pytest.mark.parametrize("seed", range(40))
def test_pages_of_random_rounds_are_well_formed(seed: int) -> None:
    staged = StagedRound.of(random_round(seed)).commit().reveal().close()
    page = Page(page_of(staged))
    assert page.faults == []
    assert "Both sums are the same: not a wei is missing." in page.text


def test_the_summary_of_all_states_is_well_formed_and_accessible() -> None:
    rounds = [numbered(staged, number) for number, staged in enumerate(STATES.values(), 1)]
    page = Page(summary(rounds))
    assert page.faults == []
    assert f"Rounds 1-{len(rounds)}" in page.text
    assert "not a wei is missing" in page.text


def test_the_summary_of_one_empty_round_is_a_page_too() -> None:
    page = Page(summary([STATES["opened"]]))
    assert page.faults == []
    assert "Nobody took a seat." in page.text


def test_the_page_says_how_the_round_stands() -> None:
    words = {name: Page(page_of(staged)).text for name, staged in STATES.items()}
    assert "Labelers can still commit." in words["committing"]
    assert "are a preview" in words["revealing"] and "are a preview" not in words["closed"]
    assert "judged by what the others said" in words["closed"]
    assert "so labelers were judged by the gold answers" in words["by gold"]
    assert "void: only 2 revealed" in words["void for few"]
    assert "Nobody is scored: only 2 revealed" in words["void for few"]
    assert "It expired" in words["expired"] and "Nobody is scored" in words["expired"]
    assert "withheld them" in words["gold withheld"]
    assert "and so count as withheld" in words["gold not credible"]
    assert "not opened yet" in words["gold awaited"]
    assert "answers were shown before the deadline" in words["leaked"]
    assert "Nobody took a seat" in words["nobody came"]


def test_every_labeler_and_amount_is_in_the_page() -> None:
    staged = STATES["leaked"]
    page = Page(page_of(staged))
    source = page_of(staged)
    for event in staged.history.commitments:
        parts = (event.labeler[:6], event.labeler[6:-4], event.labeler[-4:])
        assert '{}<span class="middle">{}</span>{}'.format(*parts) in source
    closed = staged.history.closed
    assert closed is not None
    for amount in (closed.paid, closed.refund, staged.terms.price * staged.terms.seats):
        assert f"{amount:,}" in page.text


def test_amounts_of_a_token_are_in_its_unit() -> None:
    text = Page(page_of(STATES["closed"], unit=Unit("USDC", 6, labeler(5)))).text
    assert "USDC" in text and "ETH" not in text and "(wei)" not in text


# ----------------------------------------------------------------------- audit


def test_what_the_audit_found_is_in_the_page() -> None:
    staged = STATES["closed"]
    wrong = Difference(1, labeler(2), "pay", "1000", "<b>1001</b>")
    other = Difference(None, None, "sum of all books", "5", "6")
    source = render_round(
        deployment(), staged.history, audited(wrong, other), now=OPENED, times=staged.times
    )
    page = Page(source)
    assert page.faults == []
    assert "Audited: 2 differences" in page.text and "agrees to the wei" not in page.text
    assert "<b>1001</b>" in page.text and "<b>1001" not in source
    assert "Audited: agrees to the wei" in Page(page_of(staged)).text


def test_the_anchor_of_the_audit_is_in_the_page() -> None:
    text = Page(page_of(STATES["closed"])).text
    manifest = deployment()
    report = audited()
    for word in (report.block_hash, manifest.code_hash, manifest.judge_code_hash, report.address):
        assert word in text
    assert "10,000" in text and "31337" in text


# -------------------------------------------------------------------- findings


def test_findings_are_shown_none_is_said_and_unknown_is_left_out() -> None:
    staged = STATES["closed"]
    assert "Findings" not in Page(page_of(staged)).text
    assert "No finding" in Page(page_of(staged, findings=[])).text
    page = Page(page_of(staged, findings=[FINDING]))
    assert page.faults == []
    for word in (FINDING.title, FINDING.words, "identical", "severity: strong"):
        assert word in page.text
    assert "false alarm: 1 of 500 rounds" in page.text
    assert "Three sheets are the same" in Page(summary([staged], findings=[FINDING])).text


@pytest.mark.parametrize(
    ("rate", "words"), [(1e-9, "fewer than 1 of 10,000 rounds"), (None, "not known")]
)
def test_a_finding_says_how_often_it_misleads(rate: float | None, words: str) -> None:
    finding = replace(FINDING, rate=rate)
    page = Page(page_of(STATES["closed"], findings=[finding]))
    assert f"false alarm: {words}" in page.text


# -------------------------------------------------------------- hostile texts


def hostile_page() -> str:
    others = ({"id": f"x{number}"} for number in range(GOLD_TERMS.tasks - 2))
    manifest = Manifest(
        (HOSTILE, "yes"),
        ({"id": "1", "text": HOSTILE}, {"id": HOSTILE, "text": [HOSTILE]}, *others),
        HOSTILE,
    )
    staged = StagedRound.of(with_gold(8), tasks_root=manifest.root, uri=HOSTILE)
    staged.commit().reveal().close()
    finding = replace(FINDING, title=HOSTILE, words=HOSTILE, labelers=(HOSTILE,))
    return page_of(staged, manifest=manifest, findings=[finding])


def test_hostile_texts_are_inert() -> None:
    source = hostile_page()
    page = Page(source)
    assert page.faults == []  # no element, attribute or reference that is not the page's own
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert "<script" not in source and "<img" not in source
    assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|\b49\b", page.text)
    assert "\u202e" not in source and "\0" not in source


def test_a_drawing_escapes_all_it_is_given() -> None:
    drawing = Drawing(HOSTILE, HOSTILE, HOSTILE, 10, 10, HOSTILE)
    drawing.rect(0, 0, 1, 1, HOSTILE, HOSTILE)
    drawing.line(0, 0, 1, 1, HOSTILE)
    drawing.circle(0, 0, 1, HOSTILE, HOSTILE)
    drawing.mark(HOSTILE, 0, 0, 1, HOSTILE)
    drawing.mark("far", 0, 0, 1, HOSTILE)
    drawing.text(0, 0, HOSTILE, HOSTILE, HOSTILE)
    drawing.image(0, 0, 1, 1, HOSTILE)
    source = str(drawing.markup())
    assert "<script" not in source and "<img" not in source
    assert '"' not in re.sub(r'"[^"<>]*"', "", source)
    assert source.count("&lt;script&gt;") >= 10


def test_columns_of_tasks_fall_from_the_firmest() -> None:
    source = page_of(STATES["closed"])
    heights = [float(x) for x in re.findall(r'height="([0-9.]+)" class="column', source)]
    assert len(heights) == TERMS.tasks
    assert heights == sorted(heights, reverse=True) and heights[0] > heights[-1]


def test_no_link_is_made_of_a_text() -> None:
    links = re.findall(r"<a [^>]*>", hostile_page())
    assert links and all(re.search(r'href="#[a-z-]+"', link) for link in links)


def test_a_page_forbids_itself_everything_from_elsewhere() -> None:
    staged = StagedRound.of(with_gold(8), uri="").commit().reveal().close()
    rounds = [numbered(STATES["gold"], number) for number in (1, 2)]
    for source in (page_of(staged), summary(rounds)):
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', source)
        assert policy is not None
        rules = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
        assert rules == {
            "default-src": "'none'",
            "style-src": "'unsafe-inline'",
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
        }
        text = re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]+", "", source)
        assert not re.search(r"https?:|//[a-z]|url\(|@import|<script|<link", text)


def test_texts_keep_scripts_that_join_letters_and_lose_what_turns_them() -> None:
    family = "\N{MAN}\u200d\N{WOMAN}"
    texts = (f"a\n b\u00a0{family}", "\u202e\u0007\ufeff", "\u05d0" * 1_000)
    kept, named, long = (
        section.body for text in texts for section in cut(task_text(text).sections)
    )
    assert kept == f"a\n b\u00a0{family}"
    assert named == "<U+202E><U+0007><U+FEFF>"
    assert long == "\u05d0" * 600 + "\u200e ..."


# ------------------------------------------------------------------ the tasks


def test_tasks_are_shown_once_they_are_those_of_the_round() -> None:
    manifest = manifest_for(TERMS.tasks, task={"text": "Is it a <bird>?"}, name="surely")
    staged = StagedRound.of(careful(8), tasks_root=manifest.root).commit().reveal().close()
    page = Page(page_of(staged, manifest=manifest))
    assert page.faults == []
    assert "Say what it is." in page.text
    # The first five in full, and each in the list of all.
    assert page.text.count("Is it a <bird>?") == 5 + TERMS.tasks
    assert "surely" in page.text
    with pytest.raises(ManifestError, match="not the tasks of the round"):
        page_of(STATES["closed"], manifest=manifest)


def test_a_long_task_is_cut_and_too_many_options_are_said() -> None:
    long = Manifest(("a", "b", "c"), tuple(["x" * 5_000] * TERMS.tasks))
    staged = StagedRound.of(careful(8), tasks_root=long.root).commit().reveal().close()
    page = Page(page_of(staged, manifest=long))
    assert "x" * 600 + " ..." in page.text and "x" * 601 not in page.text
    assert "The tasks name 3 options, and the round has 2" in page.text


NESTED = {
    "id": "m-1",
    "question": "Which reply is better?",
    "reply_a": "First line.\nSecond line.",
    "reply_b": ["one", {"two": 2}],
    "hurried": True,
}


def test_a_task_is_shown_as_people_read_it_and_not_as_json() -> None:
    manifest = Manifest(("no", "yes"), tuple({**NESTED, "id": f"m-{n}"} for n in range(24)))
    staged = StagedRound.of(careful(8), tasks_root=manifest.root).commit().reveal().close()
    source = page_of(staged, manifest=manifest)
    sample = source.partition('<ol class="sample">')[2].partition("</ol>")[0]
    for field in ("question", "reply_a", "reply_b", "hurried"):
        assert sample.count(f"<strong><bdi>{field}</bdi></strong>") == 5
    assert "<bdi>First line.\nSecond line.</bdi>" in sample
    assert "- one\n- two: 2" in sample
    for sign in ("{", "}", "&#34;", "\\n", "[", "m-0"):
        assert sign not in sample


def test_contested_and_gold_tasks_stand_with_their_text() -> None:
    crowd = with_gold(8)
    rows = [[*row[:20], n % 2, *row[21:]] for n, row in enumerate(crowd.answers) if row is not None]
    tasks = tuple({"id": f"m-{n}", "text": f"Message {n}. {'word ' * 60}"} for n in range(48))
    manifest = Manifest(("no", "yes"), tasks)
    staged = StagedRound.of(replace(crowd, answers=rows), tasks_root=manifest.root)
    source = page_of(staged.commit().reveal().close(), manifest=manifest)
    for table, task in (("contested", 20), ("gold", 3), ("all", 40)):
        rows_of = source.partition(f'id="{table}-caption"')[2].partition("</table>")[0]
        gist = re.search(rf'<span class="gist stranger"><bdi>Message {task}\. (.*?)</bdi>', rows_of)
        assert gist is not None, table
        assert gist[1].endswith("word ...") and len(gist[1]) < 150


def closed_as(manifest: Manifest) -> str:
    """The page of a round of three tasks an item, in which the crowd is divided over one."""
    crowd = with_gold(8)
    rows = [[*row[:20], n % 2, *row[21:]] for n, row in enumerate(crowd.answers) if row is not None]
    staged = StagedRound.of(replace(crowd, answers=rows), tasks_root=manifest.root)
    return page_of(staged.commit().reveal().close(), manifest=manifest)


def manifest_of(asked: Question, item: Mapping[str, object]) -> Manifest:
    """Sixteen items."""
    tasks = [
        part.task
        for n in range(16)
        for part in asked.parts({"id": f"q{n}", **item}, f"q{n}", Lots(b"x"))
    ]
    return Manifest(asked.options, tuple(tasks), "", asked.to_json())


@pytest.mark.parametrize(
    ("asked", "item", "wording", "first"),
    [
        (
            Checklist.of(("rude", "spam", "<off>")),
            {"text": "hello"},
            "Asked of each item: which of 3 labels apply: rude spam <off> An item takes a task for "
            "each label, answered no or yes.",
            "spam",
        ),
        (
            Ranking.of(None),
            {"text": "hello", "items": ["one", "two", "<three>"]},
            "Asked of each item: a ranking, best first. An item takes a task for each pair of its "
            "things, answered A or B.",
            " > ",
        ),
    ],
)
def test_items_of_several_tasks_are_shown_as_items(
    asked: Question, item: Mapping[str, object], wording: str, first: str
) -> None:
    source = closed_as(manifest_of(asked, item))
    page = Page(source)
    assert page.faults == []
    text = " ".join(page.text.split())
    assert wording in text and "The first 5 of 16 items" in text and "All 48 tasks" in text
    table = source.partition('id="items-caption"')[2].partition("</table>")[0]
    answers = [unescape(cell) for cell in re.findall('data-label="Crowd"><bdi>(.*?)</bdi>', table)]
    assert len(answers) == 16 and first in answers[0]
    standings = re.findall('data-label="Standing">(.*?)<', table)
    assert [n for n, standing in enumerate(standings) if standing == "contested"] == [6]
    # The contested task says of which item it is, and where it belongs is not for people.
    contested = source.partition('id="contested-caption"')[2].partition("</table>")[0]
    assert "<bdi>q6/" in contested and "hello" in contested
    assert "pair" not in contested and "&#39;item&#39;" not in source


@pytest.mark.parametrize(
    ("question", "flaw"),
    [
        ({"kind": "ranking"}, "does not say to which item it belongs"),
        ({"kind": "<dance>"}, "is no kind of question"),
        ({"kind": "scale"}, "answers would be compared in another way"),
    ],
)
def test_tasks_that_make_no_question_stop_no_page(question: dict[str, object], flaw: str) -> None:
    options = ("A", "B")
    tasks = tuple({"id": f"m{n}", "text": "hello"} for n in range(48))
    page = Page(closed_as(Manifest(options, tasks, "", question)))
    assert page.faults == []
    assert "The tasks cannot be answered on a screen" in page.text and flaw in page.text
    assert "The first 5 of 48 tasks" in page.text


def test_options_and_tasks_are_counted_as_on_the_answer_screen() -> None:
    source = page_of(STATES["gold"])
    assert 'start="0"' not in source
    assert "counter-reset: option;" in STYLE
    assert "<title>task 0: votes" not in source and "<title>task 1: votes" in source
    assert "<li><bdi>1</bdi></li><li><bdi>2</bdi></li>" in source
    assert 'class="options bare"' in source  # names that are numbers have no other before them
    named = manifest_for(TERMS.tasks)
    staged = StagedRound.of(careful(8), tasks_root=named.root).commit().reveal().close()
    assert 'class="options">' in page_of(staged, manifest=named)


def test_a_tie_is_no_agreement_with_the_gold_answer() -> None:
    crowd = with_gold(6)
    rows = [[n % 2, *row[1:]] for n, row in enumerate(crowd.answers) if row is not None]
    page = page_of(StagedRound.of(replace(crowd, answers=rows)).commit().reveal().close())
    first = page.partition('id="gold-caption"')[2].partition("<tbody>")[2].partition("</tr>")[0]
    assert "3 : 3" in first
    assert "crowd is divided" in first and "crowd agrees" not in first
    assert "<bdi>1</bdi> = <bdi>2</bdi>" in first


# ------------------------------------------------------------ amounts that add up


def cells(source: str, kind: str) -> list[int]:
    """The figures of a column of labelers, in steps; the sum stands last."""
    found = re.findall(rf'class="n {kind}(?: none)?" data-label="\w+">([^<]*)<', source)
    return [0 if cell == "-" else int(re.sub(r"[.,]", "", cell)) for cell in found]


@pytest.mark.parametrize("price", [10**16, 7, 10**9 + 7, 123_456_789 * 10**12])
@pytest.mark.parametrize("seed", range(8))
def test_amounts_add_up_as_they_are_shown(price: int, seed: int) -> None:
    made = random_round(seed)
    terms = replace(made.terms, price=price, stake=2 * price + 7)
    staged = StagedRound.of(replace(made, terms=terms)).commit().reveal().close()
    source = page_of(staged)
    for kind in ("pay", "slash"):
        *each, total = cells(source, kind)
        assert sum(each) == total
    shown = dict(re.findall(r"<dt>(Paid|Slashed)</dt><dd>([0-9.,]+)", source))
    facts = facts_of(staged.history, OPENED + 30, staged.times)
    amounts = RoundAmounts.of(facts, Steps.fine_enough(ETHER, price))
    money = amounts.money
    assert ETHER.parse(shown["Paid"].replace(",", "") + " ether") == money.paid * 10 ** (
        18 - money.steps.places
    )
    assert sum(amounts.pay) == money.paid and sum(amounts.slash) == money.lost
    assert money.paid + money.refund + money.forfeit + money.in_escrow == money.escrow
    assert money.returned + money.slashed + money.bounties + money.locked == money.stakes
    size = 10 ** (18 - money.steps.places)
    for one, steps in zip(facts.labelers, amounts.pay, strict=True):
        assert abs(one.pay - steps * size) < size


def test_the_amounts_of_many_rounds_add_up_as_they_are_shown() -> None:
    rounds = [
        numbered(StagedRound.of(random_round(seed)).commit().reveal().close(), seed + 1)
        for seed in range(5)
    ]
    source = summary(rounds)
    paid = re.search(r"<dt>Paid</dt><dd>([0-9.,]+)", source)
    assert paid is not None
    exact = [int(ETHER.parse(f"{cell} ether")) for cell in _column(source, "pay")]
    assert sum(exact) == ETHER.parse(f"{paid[1].replace(',', '')} ether")


def _column(source: str, kind: str) -> list[str]:
    found = re.findall(rf'class="n {kind}(?: none)?" data-label="\w+">([^<]*)<', source)
    return [cell.replace(",", "") for cell in found if cell != "-"]


# ----------------------------------------------------------------------- a phone


def test_rows_are_cards_on_a_phone_whose_figures_have_names() -> None:
    """Headings are out of sight there, so every cell has a name or needs none."""
    for source in (page_of(STATES["gold"]), summary([STATES["gold"]])):
        tables = re.findall(r'<table class="[^"]*cards">(.*?)</table>', source, re.DOTALL)
        assert tables
        for table in tables:
            for cell in re.findall(r"<td([^>]*)>", table):
                named = "data-label" in cell
                known = re.search(r'class="(n no-of|in-band|why|history)"|colspan', cell)
                assert named or known, cell
    phone = STYLE.partition("@media (max-width: 46rem)")[2].partition("@media print")[0]
    for rule in (
        ".cards tr { display: flex",
        "attr(data-label)",
        ".labelers.cards .why { order: 2",
    ):
        assert rule in phone


def test_every_caption_can_be_read_whole_on_a_phone() -> None:
    """It is as wide as the screen, however wide its table."""
    source = page_of(STATES["leaked"]) + summary([STATES["gold"]])
    captions = re.findall(r"<caption[^>]*>(.*?)</caption>", source, re.DOTALL)
    assert captions
    assert all(re.fullmatch(r"<span>[^<]+</span>", caption) for caption in captions)
    assert "caption span { display: inline-block; max-width: calc(100vw" in STYLE


# ---------------------------------------------------------- always the same


def test_the_same_chain_gives_the_same_page() -> None:
    staged = STATES["leaked"]
    again = every_state()["leaked"]
    assert page_of(staged) == page_of(again)
    assert summary([staged]) == summary([again])


def test_a_full_house_is_a_small_page_made_quickly() -> None:
    dice = Random(5)
    terms = replace(TERMS, kind=Kind.ORDINAL, options=16, width=8, tasks=256, seats=255, tau_bps=0)
    truth = [dice.randrange(16) for _ in range(256)]
    rows = [[min(15, max(0, true + dice.randrange(-3, 4))) for true in truth] for _ in range(255)]
    gold = {task: truth[task] for task in range(0, 256, 8)}
    crowd = Round(replace(terms, gold_count=len(gold)), rows, gold)
    staged = StagedRound.of(crowd).commit().reveal().close()
    begin = time.process_time()
    source = page_of(staged, findings=[FINDING])
    assert time.process_time() - begin < 20
    assert len(source.encode()) < 3_000_000
    assert Page(source).faults == []


# ------------------------------------------------------------------ small parts


def test_rounds_are_named_by_ranges_and_lists() -> None:
    assert parse_rounds("3-5", 9) == (3, 4, 5)
    assert parse_rounds("7, 1-2,2", 9) == (1, 2, 7)


@pytest.mark.parametrize("text", ["3-5", "7", "1-2,5,7-9", "1-255"])
def test_rounds_are_written_as_they_are_named(text: str) -> None:
    assert in_ranges(parse_rounds(text, 255)) == text


def test_a_summary_names_just_its_rounds() -> None:
    source = summary([numbered(STATES["closed"], number) for number in (2, 3, 5)])
    text = Page(source).text
    assert "Rounds 2-3, 5" in text
    assert "--rounds 2-3,5 --to-block" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "names no rounds"),
        ("1-", "names no rounds"),
        ("-3", "names no rounds"),
        ("5-3", "write 3-5"),
        ("0-2", "1 to 9 exist"),
        ("3-10", "1 to 9 exist"),
    ],
)
def test_what_names_no_rounds_is_refused(text: str, words: str) -> None:
    with pytest.raises(ReportError, match=words):
        parse_rounds(text, 9)


def test_without_rounds_none_can_be_named() -> None:
    with pytest.raises(ReportError, match="none is open yet"):
        parse_rounds("1", 0)


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert write_page(path, "h\N{LATIN SMALL LETTER E WITH ACUTE}") == 3
    assert path.read_text(encoding="utf-8") == "h\N{LATIN SMALL LETTER E WITH ACUTE}"
    write_page(path, "again")
    assert path.read_text() == "again"
    assert list(tmp_path.iterdir()) == [path]
    folder = tmp_path / "folder"
    folder.mkdir()
    for bad in (tmp_path / "missing" / "report.html", folder):
        with pytest.raises(ReportError, match="cannot be written"):
            write_page(bad, "page")
    assert sorted(tmp_path.iterdir()) == [folder, path]


def test_a_page_that_cannot_be_finished_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    write_page(path, "before")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ReportError, match="No space left on device"):
        write_page(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_times_that_cannot_be_are_shown_as_numbers() -> None:
    assert utc(10**15) == f"{10**15} seconds"
    assert 'datetime="2023-11-14T22:13:20Z"' in utc(OPENED)
    assert (since(OPENED, OPENED + 90), since(None, OPENED)) == ("-1m 30s", "-")


def test_the_record_of_a_labeler_is_that_of_the_books() -> None:
    staged = STATES["forfeited"]
    accounts = replay(staged.events).accounts
    text = Page(summary([staged], accounts=accounts)).text
    assert "1 near of 1" in text and "0 near of 1" in text


# ------------------------------------------------------------------------ colours

STYLE = (ROOT / "plumbline/report/templates/style.css").read_text(encoding="utf-8")
TEXT_COLOURS = ("ink", "soft", "accent", "good", "bad", "near", "far", "outlier")
SIGN_COLOURS = ("unrevealed", "void", "awaited")


def _scheme(dark: bool) -> dict[str, str]:
    """The colours of the style sheet by name; the second block is the dark scheme."""
    blocks = re.findall(r":root \{([^}]*)\}", STYLE)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", blocks[0]))
    return colours | (dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", blocks[1])) if dark else {})


def _contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it, 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ground", ["paper", "card", "faint"])
def test_texts_and_signs_stand_out_from_their_ground(dark: bool, ground: str) -> None:
    """4.5 for text and 3 for signs, as WCAG 2 AA asks for."""
    colours = _scheme(dark)
    low = {
        name: _contrast(colours[name], colours[ground])
        for names, least in ((TEXT_COLOURS, 4.5), (SIGN_COLOURS, 3.0))
        for name in names
        if _contrast(colours[name], colours[ground]) < least
    }
    assert low == {}


def test_no_band_is_told_by_colour_alone() -> None:
    signs = {str(key(band)).split("</title>")[-1].split(">", 1)[1] for band in STATES_OF_SEATS}
    # `released` and `awaited` share a ring: neither is decided by a score.
    assert len({re.sub(r'class="[^"]*"', "", sign) for sign in signs}) == 6
    for band in STATES_OF_SEATS:
        assert f'aria-label="{band}"' in key(band)
