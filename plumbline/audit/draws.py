"""Auditing the draws of a pool on a chain: what has to be read, and then `draw_checks`."""

from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import BlockNotFound

from plumbline.audit.draw_checks import DrawsAudit, SeenBlock, blocks_needed, replay
from plumbline.chain.blocks import BlockError, block_at
from plumbline.chain.node_errors import NODE_ERRORS, no_answer
from plumbline.history.market import Market
from plumbline.progress import Progress, no_progress, track
from plumbline.seating.events import fetch
from plumbline.seating.seat_draw import SeatDraw


def audit_draws(market: Market, address: str, progress: Progress = no_progress) -> DrawsAudit:
    """Make all draws of a pool again, as of the latest block.

    Raises SeatingError if there is no pool of this deployment, EventsError, BlockError.
    """
    pool = SeatDraw(market.contract, address)
    terms = pool.terms()
    w3 = market.node.w3
    # A pool is created after its deployment.
    events = fetch(w3, pool.address, market.deployment.block, block_at(w3).block)
    histories = {history.round_id: history for history in market.histories()}
    numbers = blocks_needed(events, histories)
    blocks = {
        number: _seen(w3, number) for number in track(sorted(numbers), "reading headers", progress)
    }
    return replay(market.node.chain_id, pool.address, terms, events, histories, blocks)


def _seen(w3: Web3, number: int) -> SeenBlock:
    try:
        block = w3.eth.get_block(number)
    except BlockNotFound:
        raise BlockError(f"the node does not have block {number}: ask another one") from None
    except NODE_ERRORS as error:
        raise BlockError(no_answer(error)) from None
    mix = block.get("mixHash")
    return SeenBlock(int(block["timestamp"]), b"" if mix is None else bytes(HexBytes(mix)))
