"""When enough people have answered: how sure a label is to be, and how many may be asked for it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted of each label.

    confidence   how likely it is to be right, at least
    labels       so many labelers are asked at a time
    most         so many in all, at most; where they leave it open, the answers differ for a reason
    """

    confidence: float
    labels: int
    most: int

    def asks_again(self, confidence: float, labels: int) -> bool:
        """Whether others are asked, of a label with that confidence from so many labelers."""
        return confidence < self.confidence and labels + self.labels <= self.most

    def is_disputed(self, confidence: float, labels: int) -> bool:
        """Whether a label stays below the target, and nobody else is asked."""
        return confidence < self.confidence and labels + self.labels > self.most
