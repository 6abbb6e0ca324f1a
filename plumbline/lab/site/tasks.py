"""The tasks of the local market: short, and with answers that are known."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from plumbline.protocol.manifest import Manifest
from plumbline.questions.choice import Choice
from plumbline.questions.question import Question
from plumbline.questions.scale import Preference

T = TypeVar("T")

_TEAMS: Final = ("billing", "delivery", "repair")
_MESSAGES: Final = {
    "billing": (
        "You charged my card twice for the same lamp.",
        "Where do I find the invoice for May?",
        "The discount code was not taken off the total.",
        "My bank says that your payment was rejected.",
        "Can I pay in three parts?",
        "The refund has not reached my account.",
        "Please send the receipt to my employer.",
        "Why does the bill say two kettles? I bought one.",
        "I would like to change the credit card that you have of me.",
        "There is a fee on it that nobody told me about.",
        "You took VAT, and my company is exempt.",
        "How much do I still owe you?",
        "The price in the shop was lower than what I paid.",
        "I need the tax number on the invoice.",
    ),
    "delivery": (
        "The parcel says delivered, and nothing is here.",
        "Can it be left with my neighbour?",
        "My order has not moved for a week.",
        "I gave the wrong street by mistake.",
        "When will the sofa arrive?",
        "The driver did not ring the bell.",
        "I am away until Monday: please bring it later.",
        "The tracking number is not known anywhere.",
        "Do you ship to Norway?",
        "Two boxes came, the third is missing.",
        "Somebody else's parcel was left at my door.",
        "Can I pick it up at the depot instead?",
        "It went to my old flat again.",
        "The lift is broken: can they carry it to the fifth floor?",
    ),
    "repair": (
        "The kettle does not switch on any more.",
        "One leg of the table is cracked.",
        "My lamp flickers since yesterday.",
        "The washing machine leaks under the door.",
        "The screen stays black after the update.",
        "A button of the remote control is stuck.",
        "The chair squeaks terribly.",
        "It gets so hot that the plastic melts.",
        "The zip of the tent is torn, and it is a month old.",
        "My clock loses ten minutes a day.",
        "The left earphone is silent.",
        "The door of the oven does not close.",
        "Its battery lasts for half an hour only.",
        "The drill smells of smoke.",
    ),
}

_REPLIES: Final = (
    ("How many days does a leap year have?", "366.", "364."),
    ("Which is the largest planet of the Sun?", "Jupiter.", "Mars."),
    ("What is 7 times 8?", "56.", "54."),
    ("What is the capital of Portugal?", "Lisbon.", "Porto."),
    ("At what temperature does water boil at sea level?", "At 100 °C.", "At 90 °C."),
    ("How many legs does a spider have?", "Eight.", "Six."),
    ("Who wrote Hamlet?", "William Shakespeare.", "Charles Dickens."),
    ("Which ocean is between Africa and Australia?", "The Indian Ocean.", "The Atlantic."),
    ("How many minutes are in two hours?", "120.", "200."),
    ("Which gas do plants take in?", "Carbon dioxide.", "Oxygen."),
    ("What is the plural of mouse, the animal?", "Mice.", "Mouses."),
    ("Which metal is liquid at room temperature?", "Mercury.", "Copper."),
    ("How many strings has a violin?", "Four.", "Six."),
    ("What is half of 130?", "65.", "75."),
    ("In which direction does the Sun rise?", "In the east.", "In the west."),
    ("What does a botanist study?", "Plants.", "Stars."),
    ("How many sides has a hexagon?", "Six.", "Eight."),
    ("What is the longest bone of a human?", "That of the thigh.", "That of the heel."),
    ("Which language is spoken in Brazil?", "Portuguese.", "Spanish."),
    ("What is 15 % of 200?", "30.", "35."),
    ("Which animal is the tallest?", "The giraffe.", "The elephant."),
    ("What do bees make?", "Honey.", "Silk."),
    ("How many players of a football team are on the pitch?", "Eleven.", "Nine."),
    ("What is frozen water called?", "Ice.", "Steam."),
    ("Which planet do we live on?", "Earth.", "Venus."),
    ("What comes after Thursday?", "Friday.", "Wednesday."),
)
_SAME: Final = (
    ("What is 2 + 2?", "4.", "Four."),
    ("What is the capital of France?", "Paris.", "It is Paris."),
    ("What colour is a ripe lemon?", "Yellow.", "It is yellow."),
    ("How many months has a year?", "12.", "Twelve."),
    ("Is the Moon a planet?", "No.", "No, it is not."),
    ("What is the opposite of hot?", "Cold.", "It is cold."),
    ("How many wheels has a bicycle?", "Two.", "2."),
    ("What do cows drink?", "Water.", "They drink water."),
    ("Which month follows March?", "April.", "It is April."),
    ("Is ice colder than steam?", "Yes.", "Yes, it is."),
)


@dataclass(frozen=True, slots=True)
class KnownTasks:
    """Tasks of one question, and the answer to each, an option."""

    question: Question
    manifest: Manifest
    answers: tuple[int, ...]


def messages(count: int, draw: random.Random) -> KnownTasks:
    """Messages to a shop, and the team that is to answer each."""
    known = [
        (message, _TEAMS.index(team)) for team, several in _MESSAGES.items() for message in several
    ]
    chosen = _balanced(known, count, draw)
    return _tasks(
        Choice(_TEAMS),
        "A customer writes to a shop. Which team should answer?",
        [{"message": message} for message, _ in chosen],
        [answer for _, answer in chosen],
    )


def replies(count: int, draw: random.Random) -> KnownTasks:
    """Two replies to a question, one of which is better, or neither."""
    known: list[tuple[tuple[str, str, str], int]] = [(texts, 1) for texts in _SAME]
    for asked, good, bad in _REPLIES:
        is_first = draw.random() < 0.5
        known.append(((asked, *((good, bad) if is_first else (bad, good))), 0 if is_first else 2))
    chosen = _balanced(known, count, draw)
    return _tasks(
        Preference.of(None),
        "Which reply is better? If both are as good, say so.",
        [{"prompt": asked, "reply_a": a, "reply_b": b} for (asked, a, b), _ in chosen],
        [answer for _, answer in chosen],
    )


def _balanced(
    known: Sequence[tuple[T, int]], count: int, draw: random.Random
) -> list[tuple[T, int]]:
    """So many in no order, each answer about as often as can be."""
    left = draw.sample(known, len(known))
    chosen: list[tuple[T, int]] = []
    while len(chosen) < count:
        for answer in sorted({each[1] for each in left}):
            chosen.append(next(each for each in left if each[1] == answer))
            left.remove(chosen[-1])
    return draw.sample(chosen[:count], count)


def _tasks(
    question: Question, instructions: str, tasks: Sequence[object], answers: Sequence[int]
) -> KnownTasks:
    manifest = Manifest(
        options=question.options,
        tasks=tuple(tasks),
        instructions=instructions,
        question=question.to_json(),
    )
    return KnownTasks(question, manifest, tuple(answers))
