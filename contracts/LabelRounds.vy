# pragma version 0.4.3
# pragma optimize codesize
"""
@title Label Rounds
@license MIT
@notice Labels with skin in the game. A requester escrows pay for a batch of
        tasks; labelers lock a stake, commit to their answers in secret and reveal
        them; a judge measures each against what the others said: near is
        paid, far earns and loses nothing, an outlier is slashed.

        This contract holds the money and keeps the time. How answers are
        judged is in `Judge`, fixed at deployment; what is stored of a round in
        `rounds`, who owns what in `accounts`, what is hashed and signed
        in `commitments`.

        There is no owner, no upgrade and no pause. After the opening everything
        may be done by anyone: whoever relays a signed commitment, reveals
        for others, closes or forfeits gains no say in the result.
@custom:security Events and `docs/specification.md` suffice to rebuild every balance.
                 The close calls nothing but the judge, statically. A batch skips
                 what does not apply, so no one item can stop the others, and
                 reverts with the reason only if nothing in it applied.
"""


from snekmate.utils import eip712_domain_separator as eip712

from .interfaces import IJudge
from .interfaces import ILabelRounds
from .modules import accounts
from .modules import admission as policies
from .modules import commitments
from .modules import money
from .modules import outcomes
from .modules import planes
from .modules import rounds
from .modules import rules as allowed_rules
from .modules import sheets as answer_sheets

implements: ILabelRounds

initializes: accounts
initializes: eip712
uses: money

exports: (
    accounts.deposit,
    accounts.deposit_for,
    accounts.withdraw,
    accounts.sweep,
    eip712.eip712Domain,
)


# ----------------------------------------------------------------------- events


event RoundOpened:
    round_id: indexed(uint256)
    requester: indexed(address)
    rules: IJudge.Rules
    deadlines: IJudge.Deadlines
    tasks_root: bytes32
    gold_root: bytes32
    admission: address
    uri: String[256]


event Committed:
    round_id: indexed(uint256)
    labeler: indexed(address)
    commitment: bytes32
    sealed: Bytes[commitments.SEALED]


event CommitRefused:
    round_id: indexed(uint256)
    labeler: indexed(address)
    reason: String[32]


event LeakReported:
    round_id: indexed(uint256)
    labeler: indexed(address)
    reporter: indexed(address)
    salt: bytes32
    sheet: uint256[planes.SHEET]
    slash: uint256
    bounty: uint256


event Revealed:
    round_id: indexed(uint256)
    labeler: indexed(address)
    salt: bytes32
    sheet: uint256[planes.SHEET]


event RevealRefused:
    round_id: indexed(uint256)
    labeler: indexed(address)
    reason: String[32]


event GoldOpened:
    round_id: indexed(uint256)
    salt: bytes32
    sheet: uint256[planes.SHEET]


# @dev The ruling on each labeler stands in one word, see `outcomes`: an event of its own
#      would cost about 2,000 gas more.
event RoundClosed:
    round_id: indexed(uint256)
    verdict: IJudge.Verdict
    labelers: DynArray[address, SEATS]
    rulings: DynArray[uint256, SEATS]
    paid: uint256
    refund: uint256
    to_sink: uint256


event Forfeited:
    round_id: indexed(uint256)
    labeler: indexed(address)
    slash: uint256


event Released:
    round_id: indexed(uint256)
    labeler: indexed(address)
    stake: uint256


event RoundExpired:
    round_id: indexed(uint256)
    refund: uint256


# -------------------------------------------------------------------- constants


# @dev Signed commitments relayed, and commitments revealed, in one transaction: memory
#      is paid for the bound, not for the use. (A close with salts opens all.)
RELAYED: constant(uint256) = 64
OPENED: constant(uint256) = 128

# @dev Labelers of a round, all of whom are settled in one transaction.
SEATS: constant(uint256) = 255

# @dev A round that nobody could close is unwound so long after its end, seconds.
EXPIRY: constant(uint256) = 30 * 86_400

# @dev A seat holds a commitment, nothing, or this mark, which no hash can be.
_LEAKED: constant(bytes32) = 0x0000000000000000000000000000000000000000000000000000000000000001

# @dev What a wallet contract answers to a signature of its own, EIP-1271.
_EIP1271_YES: constant(bytes4) = 0x1626BA7E

_BPS: constant(uint256) = 10_000


interface IWallet:
    def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4: view


# @dev What comes with a commitment that is relayed.
struct Enclosure:
    # the encrypted answers, or empty; only logged
    sealed: Bytes[commitments.SEALED]
    # what the round's policy wants to see
    evidence: DynArray[bytes32, 20]


JUDGE: public(immutable(address))


# @dev Rounds are numbered from 1.
round_count: public(uint256)

# @dev How many withdrawals of an owner were relayed; the next one is signed with it.
nonces: public(HashMap[address, uint256])

# @dev As packed, see `rounds`.
_rounds: HashMap[uint256, ILabelRounds.Round]

_seats: HashMap[uint256, HashMap[address, bytes32]]


@deploy
def __init__(asset: address, sink: address, judge: address):
    """
    @param asset The ERC-20 that pays and stakes are in, or zero for ether.
    @param sink Where slashed money goes; no participant should gain from it.
    @param judge The contract that settles rounds, see {IJudge}.
    """
    assert judge.is_contract, "deploy: judge has no code"
    accounts.__init__(asset, sink)
    eip712.__init__("Plumbline", "1")
    JUDGE = judge


# ------------------------------------------------------------------- requesters


@external
def open(
    rules: IJudge.Rules,
    deadlines: IJudge.Deadlines,
    tasks_root: bytes32,
    gold_root: bytes32,
    admission: address,
    uri: String[256],
) -> uint256:
    """
    @notice Opens a round and takes price * seats from the caller's free balance.
    @param rules How answers are judged and paid.
    @param deadlines When phases end at the latest, unix seconds.
    @param tasks_root Merkle root of the task manifest.
    @param gold_root Commitment to the gold answers, see `commitments`; zero for none.
    @param admission Policy asked before a seat is taken, see {IAdmission}; zero for
           an open round.
    @param uri Where the manifest is.
    @return uint256 The number of the round.
    """
    has_gold: bool = gold_root != empty(bytes32)
    accepted: bool = staticcall IJudge(JUDGE).accepts(rules, deadlines, has_gold)
    assert accepted, "open: refused by the judge"
    assert tasks_root != empty(bytes32), "open: no tasks_root"
    assert admission == empty(address) or admission.is_contract, "open: admission has no code"

    accounts._debit(msg.sender, rules.price * rules.seats)
    accounts._note_opened(msg.sender)
    self.round_count += 1
    round_id: uint256 = self.round_count
    status: rounds.Status = empty(rounds.Status)
    status.stake = rules.stake
    status.deadlines = deadlines
    status.seats = rules.seats
    status.options = rules.options
    status.tasks = rules.tasks
    status.has_gold = has_gold
    status.has_policy = admission != empty(address)
    self._rounds[round_id] = ILabelRounds.Round(
        status=rounds._pack(status),
        rules=rounds._pack_rules(rules),
        requester=msg.sender,
        roll=tasks_root,
        gold_root=gold_root,
        admission=admission,
    )
    log RoundOpened(
        round_id=round_id,
        requester=msg.sender,
        rules=rules,
        deadlines=deadlines,
        tasks_root=tasks_root,
        gold_root=gold_root,
        admission=admission,
        uri=uri,
    )
    return round_id


# ------------------------------------------------------------- labelers: commit


@external
def commit(
    round_id: uint256,
    commitment: bytes32,
    stake: uint256,
    sealed: Bytes[commitments.SEALED],
    evidence: DynArray[bytes32, 20],
):
    """
    @notice Takes a seat: locks the stake and stores the commitment.
    @param round_id The round.
    @param commitment Hash of answers and salt, see `commitments`.
    @param stake The stake that the caller agrees to lock, wei; refused if the round
           asks for another, as it might after a reorganisation.
    @param sealed The encrypted answers, or empty; only logged.
    @param evidence What the round's policy wants to see.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.COMMIT)
    assert stake == status.stake, "commit: stake is another"
    refusal: String[32] = self._take_seat(
        round_id, status.stake, status.has_policy, msg.sender, commitment, sealed, evidence
    )
    assert len(refusal) == 0, refusal
    self._advance(round_id, rounds.COMMITTED)


@external
def commit_signed(
    round_id: uint256,
    labelers: DynArray[address, RELAYED],
    made: DynArray[bytes32, RELAYED],
    signatures: DynArray[uint256[2], RELAYED],
):
    """
    @notice Relays commitments that labelers signed. Those that do not apply are
            skipped with an event that says why.
    @param round_id The round.
    @param labelers Who signed.
    @param made The commitment of each.
    @param signatures The signature of each, r and vs (EIP-2098), see {commitments-_consent}.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.COMMIT)
    count: uint256 = len(labelers)
    assert len(made) == count and len(signatures) == count, "commit: lengths differ"
    domain: bytes32 = eip712._domain_separator_v4()
    before: uint256 = status.committed
    refusal: String[32] = "commit: empty batch"
    for i: uint256 in range(count, bound=RELAYED):
        refusal = self._relay(
            domain, round_id, status, labelers[i], made[i], signatures[i], b"", []
        )
        if len(refusal) == 0:
            status.committed += 1

    self._count_seats(round_id, status.committed - before, refusal)


@external
def commit_sealed(
    round_id: uint256,
    labelers: DynArray[address, RELAYED],
    made: DynArray[bytes32, RELAYED],
    signatures: DynArray[uint256[2], RELAYED],
    enclosed: DynArray[Enclosure, RELAYED],
):
    """
    @notice Relays commitments with what comes with them, see {commit_signed}: on its own,
            as memory is paid for what might be enclosed.
    @param round_id The round.
    @param labelers Who signed.
    @param made The commitment of each.
    @param signatures The signature of each, r and vs (EIP-2098).
    @param enclosed What comes with each.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.COMMIT)
    count: uint256 = len(labelers)
    assert len(made) == count and len(signatures) == count, "commit: lengths differ"
    assert len(enclosed) == count, "commit: lengths differ"
    domain: bytes32 = eip712._domain_separator_v4()
    before: uint256 = status.committed
    refusal: String[32] = "commit: empty batch"
    for i: uint256 in range(count, bound=RELAYED):
        refusal = self._relay(
            domain,
            round_id,
            status,
            labelers[i],
            made[i],
            signatures[i],
            enclosed[i].sealed,
            enclosed[i].evidence,
        )
        if len(refusal) == 0:
            status.committed += 1

    self._count_seats(round_id, status.committed - before, refusal)


@external
def commit_for_wallet(
    round_id: uint256,
    labeler: address,
    commitment: bytes32,
    sealed: Bytes[commitments.SEALED],
    evidence: DynArray[bytes32, 20],
    signature: Bytes[1024],
):
    """
    @notice Relays a commitment for a wallet contract, which is asked whether it
            signed it (EIP-1271). One at a time: the wallet's code is not ours.
    @param round_id The round.
    @param labeler The wallet contract.
    @param commitment Hash of answers and salt.
    @param sealed The encrypted answers, or empty; only logged.
    @param evidence What the round's policy wants to see.
    @param signature Whatever the wallet takes for a signature.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.COMMIT)
    digest: bytes32 = commitments._consent(
        eip712._domain_separator_v4(), round_id, labeler, status.stake, commitment, sealed
    )
    assert self._wallet_signed(labeler, digest, signature), "commit: invalid signature"
    refusal: String[32] = self._take_seat(
        round_id, status.stake, status.has_policy, labeler, commitment, sealed, evidence
    )
    assert len(refusal) == 0, refusal
    self._advance(round_id, rounds.COMMITTED)


@external
def report_leak(
    round_id: uint256, labeler: address, sheet: uint256[planes.SHEET], salt: bytes32
):
    """
    @notice Shows a labeler's answers and salt while others still commit. The
            labeler is out and slashed, the caller gets a share of the stake.
    @param round_id The round.
    @param labeler Whose answers they are.
    @param sheet The answers.
    @param salt The salt.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.COMMIT)
    assert msg.sender != labeler, "leak: one's own"
    domain: bytes32 = eip712._domain_separator_v4()
    commitment: bytes32 = commitments._commitment(domain, round_id, labeler, sheet, salt)
    assert self._seats[round_id][labeler] == commitment, "leak: not what was committed"

    self._seats[round_id][labeler] = _LEAKED
    self._advance(round_id, rounds.GONE)
    slash: uint256 = self._slash_silent(round_id, status, labeler)
    bounty: uint256 = status.stake * allowed_rules.LEAK_BPS // _BPS
    accounts._credit(msg.sender, bounty)
    accounts._sink(slash - bounty)
    log LeakReported(
        round_id=round_id,
        labeler=labeler,
        reporter=msg.sender,
        salt=salt,
        sheet=sheet,
        slash=slash,
        bounty=bounty,
    )


# -------------------------------------------------------------- anyone: reveal


@external
def reveal(
    round_id: uint256,
    labelers: DynArray[address, OPENED],
    sheets: DynArray[uint256[planes.SHEET], OPENED],
    salts: DynArray[bytes32, OPENED],
):
    """
    @notice Opens commitments, one's own or others'. Those that do not apply are
            skipped with an event that says why.
    @param round_id The round.
    @param labelers Whose answers they are.
    @param sheets The answers of each.
    @param salts The salt of each.
    """
    status: rounds.Status = self._in_phase(round_id, rounds.REVEAL)
    assert len(sheets) == len(labelers) and len(salts) == len(labelers), "reveal: lengths differ"
    domain: bytes32 = eip712._domain_separator_v4()
    form: answer_sheets.Form = answer_sheets._form(status.tasks, status.options)
    revealed: uint256 = 0
    roll: bytes32 = self._rounds[round_id].roll
    refusal: String[32] = "reveal: empty batch"
    for i: uint256 in range(len(labelers), bound=OPENED):
        labeler: address = labelers[i]
        sheet: uint256[planes.SHEET] = sheets[i]
        refusal = self._clear_seat(domain, round_id, form, labeler, sheet, salts[i])
        if len(refusal) == 0:
            revealed += rounds.REVEALED
            roll = commitments._extend(roll, labeler, sheet)
        else:
            log RevealRefused(round_id=round_id, labeler=labeler, reason=refusal)

    assert revealed > 0, refusal
    self._rounds[round_id].roll = roll
    self._advance(round_id, revealed)


# --------------------------------------------------------------- anyone: settle


@external
def close(
    round_id: uint256,
    tasks_root: bytes32,
    labelers: DynArray[address, SEATS],
    sheets: DynArray[uint256[planes.SHEET], SEATS],
    salts: DynArray[bytes32, SEATS],
    gold: uint256[planes.SHEET],
    gold_salt: bytes32,
):
    """
    @notice Judges a round and pays everyone. It is handed what was revealed, in the
            same order, and checks it against the roll. While gold answers are
            awaited it opens them; from their deadline on it is done
            without. With salts it reveals all seats first, if nobody
            has revealed yet: the short cut of those who agree.
    @param round_id The round.
    @param tasks_root Root of the task manifest, where the roll begins.
    @param labelers All who revealed; with salts, all who committed and have not leaked.
    @param sheets Their answers.
    @param salts Their salts, or no items at all if they have revealed.
    @param gold The gold answers as a sheet, or empty.
    @param gold_salt The salt of the gold answers, or zero.
    """
    status: rounds.Status = self._not_closed(round_id)
    assert len(sheets) == len(labelers), "close: lengths differ"
    if len(salts) > 0:
        self._require_phase(status, rounds.REVEAL)
        assert len(salts) == len(labelers), "close: lengths differ"
        assert status.revealed == 0, "close: some have revealed"
        assert len(labelers) == rounds._awaited(status), "close: not all seats"
        domain: bytes32 = eip712._domain_separator_v4()
        form: answer_sheets.Form = answer_sheets._form(status.tasks, status.options)
        for i: uint256 in range(len(labelers), bound=SEATS):
            refusal: String[32] = self._clear_seat(
                domain, round_id, form, labelers[i], sheets[i], salts[i]
            )
            assert len(refusal) == 0, refusal
        status.revealed = len(labelers)
        self._advance(round_id, rounds.REVEALED * len(labelers))

    roll: bytes32 = tasks_root
    if len(salts) == 0:
        for i: uint256 in range(len(labelers), bound=SEATS):
            roll = commitments._extend(roll, labelers[i], sheets[i])
    self._require_roll(round_id, status, len(labelers), roll)

    phase: uint256 = 0
    deadline: uint256 = 0
    phase, deadline = rounds._phase(status)
    assert phase == rounds.GOLD or phase == rounds.DUE, "close: not yet"
    self._open_gold(round_id, status, phase, gold, gold_salt)
    rules: uint256 = self._rounds[round_id].rules
    verdict: IJudge.Verdict = empty(IJudge.Verdict)
    rulings: DynArray[uint256, SEATS] = []
    verdict, rulings = staticcall IJudge(JUDGE).judge(
        self._rounds[round_id].status, rules, sheets, gold
    )
    price: uint256 = rounds._price(rules)
    # What can go back of each seat: nothing where gold answers were promised and none are credible.
    most_back: uint256 = 0
    if not status.has_gold or verdict.usable_gold != 0:
        most_back = price * rounds._refund_bps(rules) // _BPS
    paid: uint256 = 0
    slashed: uint256 = 0
    back: uint256 = 0
    payroll: bytes32 = empty(bytes32)
    for i: uint256 in range(len(labelers), bound=SEATS):
        outcome: outcomes.Outcome = outcomes._unpack(rulings[i])
        payroll = commitments._enlist(payroll, labelers[i], rulings[i])
        accounts._release(labelers[i], status.stake, outcome)
        # 255 sums below 2^88
        paid = unsafe_add(paid, outcome.pay)
        slashed = unsafe_add(slashed, outcome.slash)
        back = unsafe_add(back, min(price - outcome.pay, most_back))
    refund: uint256 = price * (status.seats - status.revealed) + back
    to_sink: uint256 = slashed + price * status.revealed - paid - back
    self._advance(round_id, rounds.ENDED)
    self._rounds[round_id].roll = commitments._verdict(tasks_root, verdict, payroll)
    requester: address = self._rounds[round_id].requester
    accounts._credit(requester, refund)
    if verdict.mode == outcomes.VOID_ROUND:
        accounts._note_void(requester)
    accounts._sink(to_sink)
    log RoundClosed(
        round_id=round_id,
        verdict=verdict,
        labelers=labelers,
        rulings=rulings,
        paid=paid,
        refund=refund,
        to_sink=to_sink,
    )


@external
def forfeit(round_id: uint256, labelers: DynArray[address, SEATS]):
    """
    @notice Slashes seats that were not revealed in time, before or after the close.
            Those that do not apply are skipped.
    @param round_id The round.
    @param labelers The silent.
    """
    status: rounds.Status = rounds._unpack(self._rounds[round_id].status)
    assert status.seats > 0, "round: no such round"
    assert block.timestamp >= status.deadlines.reveal, "forfeit: not yet"
    gone: uint256 = 0
    slashed: uint256 = 0
    for labeler: address in labelers:
        seat: bytes32 = self._seats[round_id][labeler]
        if seat == empty(bytes32) or seat == _LEAKED:
            continue
        self._seats[round_id][labeler] = empty(bytes32)
        gone += rounds.GONE
        slash: uint256 = self._slash_silent(round_id, status, labeler)
        slashed += slash
        log Forfeited(round_id=round_id, labeler=labeler, slash=slash)

    assert gone > 0, "forfeit: nobody was silent"
    self._advance(round_id, gone)
    accounts._sink(slashed)


@external
def expire(
    round_id: uint256,
    tasks_root: bytes32,
    labelers: DynArray[address, SEATS],
    sheets: DynArray[uint256[planes.SHEET], SEATS],
):
    """
    @notice Unwinds a round that nobody closed for 30 days: stakes go back to
            those who revealed, the escrow to the requester.
    @param round_id The round.
    @param tasks_root Root of the task manifest, where the roll begins.
    @param labelers All who revealed.
    @param sheets Their answers.
    """
    status: rounds.Status = self._not_closed(round_id)
    assert block.timestamp >= rounds._last_deadline(status) + EXPIRY, "expire: not yet"
    assert len(sheets) == len(labelers), "expire: lengths differ"
    roll: bytes32 = tasks_root
    for i: uint256 in range(len(labelers), bound=SEATS):
        roll = commitments._extend(roll, labelers[i], sheets[i])
    self._require_roll(round_id, status, len(labelers), roll)

    unscored: outcomes.Outcome = outcomes.Outcome(band=outcomes.VOID, kappa=0, pay=0, slash=0)
    for labeler: address in labelers:
        accounts._release(labeler, status.stake, unscored)
        log Released(round_id=round_id, labeler=labeler, stake=status.stake)
    requester: address = self._rounds[round_id].requester
    refund: uint256 = rounds._price(self._rounds[round_id].rules) * status.seats
    self._advance(round_id, rounds.ENDED)
    self._rounds[round_id].roll = empty(bytes32)
    accounts._credit(requester, refund)
    accounts._note_void(requester)
    log RoundExpired(round_id=round_id, refund=refund)


# ---------------------------------------------------------- anyone: withdrawals


@external
@nonreentrant
def withdraw_for(
    owner: address,
    amount: uint256,
    receiver: address,
    fee: uint256,
    deadline: uint256,
    signature: Bytes[1024],
):
    """
    @notice Pays out for whoever signed for it, and credits the caller with a fee out of
            the amount: so that who has no ether for gas is paid out too.
    @param owner Whose free balance it is: an account, or a wallet contract (EIP-1271).
    @param amount Wei, with the fee.
    @param receiver Who gets it, less the fee.
    @param fee What the caller gets, wei.
    @param deadline Until when it may be relayed, unix seconds: `t < deadline` is in time.
    @param signature Of the owner over {commitments-_withdrawal} with the nonce of now;
           r and vs (EIP-2098) of an account, whatever a wallet takes for one.
    """
    assert block.timestamp < deadline, "withdraw: too late"
    nonce: uint256 = self.nonces[owner]
    digest: bytes32 = commitments._withdrawal(
        eip712._domain_separator_v4(), owner, amount, receiver, fee, deadline, nonce
    )
    self.nonces[owner] = nonce + 1
    signed: bool = False
    if len(signature) == 64:
        r: uint256 = extract32(signature, 0, output_type=uint256)
        vs: uint256 = extract32(signature, 32, output_type=uint256)
        signed = self._signed(owner, digest, [r, vs])
    assert signed or self._wallet_signed(owner, digest, signature), "withdraw: invalid signature"
    accounts._withdraw(owner, amount, receiver, fee)


# ------------------------------------------------------------------------ views


@external
@view
def round(round_id: uint256) -> ILabelRounds.Round:
    """
    @notice What is stored of a round, packed as in `rounds`; all zero if there is none.
    @param round_id The round.
    """
    return self._rounds[round_id]


@external
@view
def seat(round_id: uint256, labeler: address) -> bytes32:
    """
    @notice What a seat holds: a commitment that is not revealed yet, zero, or one if the
            answers were leaked.
    @param round_id The round.
    @param labeler The labeler.
    """
    return self._seats[round_id][labeler]


@external
@view
def account(owner: address) -> uint256:
    """
    @notice Balances and record of an address, packed as in `accounts`.
    @param owner The address.
    """
    return accounts._accounts[owner]


@external
@view
def asset() -> address:
    """
    @notice The ERC-20 of this deployment, or zero for ether.
    """
    return money.ASSET


@external
@view
def sink() -> address:
    """
    @notice Where slashed money goes.
    """
    return accounts.SINK


@external
@view
def sink_balance() -> uint256:
    """
    @notice What the sink may collect, wei.
    """
    return accounts.sink_balance


@external
@view
def is_verdict(
    round_id: uint256, tasks_root: bytes32, verdict: IJudge.Verdict, payroll: bytes32
) -> bool:
    """
    @notice Whether a round about these tasks was closed with this verdict and payroll, so
            that any contract can be shown a label, and who was paid what, with proof.
    @param round_id The round.
    @param tasks_root Root of the task manifest, from the opening event.
    @param verdict The verdict, from the closing event.
    @param payroll The running hash over labelers and rulings, see {commitments-_enlist}.
    """
    status: rounds.Status = rounds._unpack(self._rounds[round_id].status)
    roll: bytes32 = self._rounds[round_id].roll
    return status.is_closed and roll == commitments._verdict(tasks_root, verdict, payroll)


# --------------------------------------------------------------------- internal


@internal
@view
def _in_phase(round_id: uint256, wanted: uint256) -> rounds.Status:
    """
    @notice The status of a round, if it is in the wanted phase.
    """
    status: rounds.Status = rounds._unpack(self._rounds[round_id].status)
    self._require_phase(status, wanted)
    return status


@internal
@view
def _require_phase(status: rounds.Status, wanted: uint256):
    """
    @notice Refuses any phase but the wanted one.
    """
    current: uint256 = 0
    deadline: uint256 = 0
    current, deadline = rounds._phase(status)
    assert current != rounds.ABSENT, "round: no such round"
    if wanted == rounds.COMMIT:
        assert current == wanted, "round: commit phase is over"
    else:
        assert current >= wanted, "round: reveal phase not begun"
        assert current == wanted, "round: reveal phase is over"


@internal
@view
def _not_closed(round_id: uint256) -> rounds.Status:
    """
    @notice The status of a round that is still to be closed.
    """
    status: rounds.Status = rounds._unpack(self._rounds[round_id].status)
    assert status.seats > 0, "round: no such round"
    assert not status.is_closed, "round: closed"
    return status


@internal
@view
def _require_roll(round_id: uint256, status: rounds.Status, count: uint256, roll: bytes32):
    """
    @notice Refuses anything but what was revealed. The count too: the requester chose where the
            roll begins, and so could have put more on it.
    """
    counted: bool = count == status.revealed
    assert counted and roll == self._rounds[round_id].roll, "close: not what was revealed"


@internal
def _advance(round_id: uint256, change: uint256):
    """
    @notice Adds to the status of a round what happened in it, see `rounds`.
    """
    self._rounds[round_id].status = unsafe_add(self._rounds[round_id].status, change)


@internal
def _count_seats(round_id: uint256, taken: uint256, refusal: String[32]):
    """
    @notice Ends a batch of commitments: reverts with the last refusal if none applied.
    """
    assert taken > 0, refusal
    self._advance(round_id, rounds.COMMITTED * taken)


@internal
def _take_seat(
    round_id: uint256,
    stake: uint256,
    has_policy: bool,
    labeler: address,
    commitment: bytes32,
    sealed: Bytes[commitments.SEALED],
    evidence: DynArray[bytes32, 20],
) -> String[32]:
    """
    @notice Locks the stake and stores the commitment.
    @return String Why it was refused, or empty.
    """
    if self._seats[round_id][labeler] != empty(bytes32):
        return "commit: seat already taken"
    if commitment == empty(bytes32) or commitment == _LEAKED:
        return "commit: not a commitment"
    if has_policy:
        policy: address = self._rounds[round_id].admission
        if not policies._is_admitted(policy, round_id, labeler, evidence):
            return "commit: not admitted"
    covered: bool = accounts._lock(labeler, stake)
    if not covered:
        return "commit: stake not covered"

    self._seats[round_id][labeler] = commitment
    log Committed(round_id=round_id, labeler=labeler, commitment=commitment, sealed=sealed)
    return ""


@internal
def _relay(
    domain: bytes32,
    round_id: uint256,
    status: rounds.Status,
    labeler: address,
    commitment: bytes32,
    signature: uint256[2],
    sealed: Bytes[commitments.SEALED],
    evidence: DynArray[bytes32, 20],
) -> String[32]:
    """
    @notice Takes a seat for whoever signed for it, or logs why not.
    @return String Why it was refused, or empty.
    """
    digest: bytes32 = commitments._consent(
        domain, round_id, labeler, status.stake, commitment, sealed
    )
    refusal: String[32] = ""
    if not self._signed(labeler, digest, signature):
        refusal = "commit: invalid signature"
    elif status.committed == status.seats:
        refusal = "commit: no seat left"
    else:
        refusal = self._take_seat(
            round_id, status.stake, status.has_policy, labeler, commitment, sealed, evidence
        )
    if len(refusal) > 0:
        log CommitRefused(round_id=round_id, labeler=labeler, reason=refusal)
    return refusal


@internal
@pure
def _signed(signer: address, digest: bytes32, signature: uint256[2]) -> bool:
    """
    @notice Whether an account signed a digest.
    @param signature r and vs (EIP-2098).
    """
    vs: uint256 = signature[1]
    recovered: address = ecrecover(
        digest, (vs >> 255) + 27, signature[0], vs & convert(max_value(int256), uint256)
    )
    return recovered != empty(address) and recovered == signer


@internal
@view
def _wallet_signed(wallet: address, digest: bytes32, signature: Bytes[1024]) -> bool:
    """
    @notice Whether a wallet contract takes a signature for its own (EIP-1271).
    """
    if not wallet.is_contract:
        return False
    answer: bytes4 = staticcall IWallet(wallet).isValidSignature(digest, signature)
    return answer == _EIP1271_YES


@internal
def _clear_seat(
    domain: bytes32,
    round_id: uint256,
    form: answer_sheets.Form,
    labeler: address,
    sheet: uint256[planes.SHEET],
    salt: bytes32,
) -> String[32]:
    """
    @notice Checks an opening against the seat's commitment and empties the seat.
    @return String Why it was refused, or empty.
    """
    commitment: bytes32 = self._seats[round_id][labeler]
    if commitment == empty(bytes32):
        return "reveal: nothing to reveal"
    if commitment != commitments._commitment(domain, round_id, labeler, sheet, salt):
        return "reveal: not what was committed"
    if not answer_sheets._fits(sheet, form):
        return "reveal: answers do not fit"

    self._seats[round_id][labeler] = empty(bytes32)
    log Revealed(round_id=round_id, labeler=labeler, salt=salt, sheet=sheet)
    return ""


@internal
def _slash_silent(round_id: uint256, status: rounds.Status, labeler: address) -> uint256:
    """
    @notice Ends a seat that will never be revealed.
    @return uint256 What it lost, wei.
    """
    share: uint256 = rounds._slash_max_bps(self._rounds[round_id].rules)
    slash: uint256 = status.stake * share // _BPS
    silent: outcomes.Outcome = outcomes.Outcome(
        band=outcomes.UNREVEALED, kappa=0, pay=0, slash=slash
    )
    accounts._release(labeler, status.stake, silent)
    return slash


@internal
def _open_gold(
    round_id: uint256,
    status: rounds.Status,
    phase: uint256,
    gold: uint256[planes.SHEET],
    salt: bytes32,
):
    """
    @notice Checks that gold answers are opened exactly when they are awaited.
    """
    if phase == rounds.GOLD:
        requester: address = self._rounds[round_id].requester
        root: bytes32 = commitments._gold_root(
            eip712._domain_separator_v4(), requester, gold, salt
        )
        assert root == self._rounds[round_id].gold_root, "gold: not what was committed"
        form: answer_sheets.Form = answer_sheets._form(status.tasks, status.options)
        assert answer_sheets._fits(gold, form), "gold: answers do not fit"
        log GoldOpened(round_id=round_id, salt=salt, sheet=gold)
    else:
        given: uint256[planes.SHEET] = gold
        for plane: uint256 in given:
            assert plane == 0, "gold: not awaited"
