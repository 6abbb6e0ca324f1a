"""How rounds of a world ended, as contracts are shown it."""

from plumbline.chain.events import RoundClosed, RoundOpened
from plumbline.seating.record_book import ShownClosing
from tests.world.world import World, of_kind


def closing_of(world: World, round_id: int) -> ShownClosing:
    """From the events of a round that was closed."""
    (opened,) = (x for x in of_kind(world.events, RoundOpened) if x.round_id == round_id)
    (closed,) = (x for x in of_kind(world.events, RoundClosed) if x.round_id == round_id)
    return ShownClosing.of(opened, closed)
