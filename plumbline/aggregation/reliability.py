"""How much of what a crowd says is more than chance."""

import numpy as np

from plumbline.aggregation.table import AnswerTable, Floats


def krippendorff_alpha(table: AnswerTable) -> float | None:
    """Krippendorff's alpha (2011), nominal or ordinal as the table is; 1 is perfect, 0 is chance.

    Tasks with a single answer say nothing. None where there is nothing to compare, or where
    everybody always says the same.
    """
    votes = table.votes()
    votes = votes[votes.sum(axis=1) >= 2]
    each = votes.sum(axis=1, keepdims=True)
    together = votes.T @ (votes / np.maximum(each - 1, 1))
    together -= np.diag((votes / np.maximum(each - 1, 1)).sum(axis=0))
    said = together.sum(axis=1)
    distance = _ordinal(said) if table.is_ordinal else 1 - np.eye(table.options)
    expected = (np.outer(said, said) * distance).sum()
    if expected == 0:
        return None
    return float(1 - (said.sum() - 1) * (together * distance).sum() / expected)


def _ordinal(said: Floats) -> Floats:
    """How far options are apart: as many answers as lie between them, squared."""
    below = said.cumsum() - said / 2
    distance: Floats = (below[:, None] - below[None, :]) ** 2
    return distance
