"""The columns of every table, with their units.

A column's metadata says `unit` and `about`; docs/tables.md lists the same. Amounts are exact
decimals of wei (or the smallest unit of the ERC-20): they are below 2^96, and so are their sums
for as long as there is less than 10^38 of it. Hashes and addresses are text that begins with 0x.
"""

from typing import Final

import pyarrow as pa

WEI: Final = pa.decimal128(38, 0)
_HEX: Final = pa.string()


def _column(name: str, kind: pa.DataType, unit: str, about: str, null: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=null, metadata={"unit": unit, "about": about})


def _round() -> pa.Field:
    return _column("round_id", pa.int64(), "", "number of the round, from 1")


def _labeler() -> pa.Field:
    return _column("labeler", _HEX, "address", "whose")


def _amount(name: str, about: str, null: bool = False) -> pa.Field:
    return _column(name, WEI, "wei", about, null)


# Where the event stands that a row comes from. Block and log_index name it, and order it.
_PLACE: Final = (
    _column("block", pa.int64(), "", "number of the block"),
    _column("log_index", pa.int64(), "", "place of the event in the block"),
    _column("transaction", _HEX, "hash", "of the transaction"),
    _column("timestamp", pa.int64(), "unix seconds", "of the block, where it was asked for", True),
)

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "rounds": pa.schema(
        [
            *_PLACE,
            _round(),
            _column("requester", _HEX, "address", "who opened it"),
            _column("kind", pa.string(), "", "nominal or ordinal"),
            _column("options", pa.int16(), "", "answers to choose from, 0 to options - 1"),
            _column("width", pa.int16(), "", "credit of an exact answer"),
            _column("tasks", pa.int16(), "", "numbered 0 to tasks - 1"),
            _amount("price", "full pay of one labeler"),
            _amount("stake", "locked per seat"),
            _column("seats", pa.int16(), "", "most labelers"),
            _column("r_min", pa.int16(), "", "fewest sheets that count for peers to judge"),
            _column("gold_count", pa.int16(), "", "gold answers promised, 0 for none"),
            *(
                _column(name, pa.int32(), "bps", about)
                for name, about in (
                    ("tau_bps", "contested margin"),
                    ("rho_bps", "threshold of near, of the bar"),
                    ("bar_bps", "full pay, of the crowd's kappa"),
                    ("refund_bps", "most of a revealed seat's price that goes back"),
                    ("slash_base_bps", "an outlier loses at least, of the stake"),
                    ("slash_max_bps", "an outlier loses at most, and the silent"),
                    ("showup_bps", "pay of a void round, of the price"),
                    ("gold_pass_bps", "kappa on the gold tasks to be counted and paid"),
                    ("gold_slash_bps", "as far below chance on them is slashed"),
                )
            ),
            _column("commit_deadline", pa.int64(), "unix seconds", "end of the commit phase"),
            _column("reveal_deadline", pa.int64(), "unix seconds", "end of the reveal phase"),
            _column("gold_deadline", pa.int64(), "unix seconds", "null without gold", True),
            _column("tasks_root", _HEX, "hash", "of the task manifest"),
            _column("gold_root", _HEX, "hash", "of the gold answers, null without", True),
            _column("admission", _HEX, "address", "policy that is asked, null if none", True),
            _column("uri", pa.string(), "", "where the task manifest is"),
        ]
    ),
    "endings": pa.schema(
        [
            *_PLACE,
            _round(),
            _column("ending", pa.string(), "", "closed or expired"),
            _column("mode", pa.string(), "", "void, peer or gold; null if expired", True),
            _column("crowd_kappa", pa.int64(), "ppm", "of the crowd; null if expired", True),
            _column("bar", pa.int64(), "ppm", "kappa of full pay; null if expired", True),
            _column(
                "gold_withheld",
                pa.bool_(),
                "",
                "gold answers were promised and none credible were opened; null if expired",
                True,
            ),
            _amount("paid", "sum of the pay"),
            _amount("refund", "back to the requester"),
            _amount("to_sink", "slashes of those who revealed, and forfeit pay"),
        ]
    ),
    "commitments": pa.schema(
        [
            *_PLACE,
            _round(),
            _labeler(),
            _column("commitment", _HEX, "hash", "of answers and salt"),
            _column("sealed", pa.int64(), "bytes", "length of the sealed answers"),
            _amount("stake", "locked"),
        ]
    ),
    "answers": pa.schema(
        [
            *_PLACE,
            _round(),
            _labeler(),
            _column("task", pa.int16(), "", "number of the task, from 0"),
            _column("answer", pa.int16(), "option", "null if skipped", True),
        ]
    ),
    "labels": pa.schema(
        [
            *_PLACE,
            _round(),
            _column("task", pa.int16(), "", "number of the task, from 0"),
            _column("label", pa.int16(), "option", "the crowd's answer, null if none", True),
            _column("contested", pa.bool_(), "", "too close to count for everyone"),
            _column("gold", pa.bool_(), "", "a gold task, if the gold answers are credible"),
        ]
    ),
    "settlements": pa.schema(
        [
            *_PLACE,
            _round(),
            _labeler(),
            _column("how", pa.string(), "", "settled, forfeited, leaked or released"),
            _column("band", pa.string(), "", "near, far, outlier, void or unrevealed"),
            _column("kappa", pa.int64(), "ppm", "agreement above chance, 0 unless near or far"),
            _amount("pay", "credited"),
            _amount("slash", "taken from the stake"),
            _amount("stake", "that was locked"),
        ]
    ),
    "ledger": pa.schema(
        [
            *_PLACE,
            _column("movement", pa.int16(), "", "number of the movement in the event, from 0"),
            _column("round_id", pa.int64(), "", "null outside of rounds", True),
            _column("kind", pa.string(), "", "why it moved, see docs/tables.md"),
            _column("balance", pa.string(), "", "free, locked, escrow, sink or outside"),
            _column("account", _HEX, "address", "whose, if free or locked", True),
            _amount("amount", "above 0 what came in, below 0 what left"),
        ]
    ),
}
