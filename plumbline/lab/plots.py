"""One style for all pictures: SVG files that are the same bytes for the same figures.

Letters stay letters, so that they can be searched and a reader's own font is used. Colours are
those of Okabe and Ito (2008), which the colour-blind tell apart; lines differ in dashes as well.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, RED, GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#666666"
SKY, YELLOW = "#56b4e9", "#f0e442"
_STYLE: Final[Any] = {  # a dict whose keys matplotlib has a type for
    "svg.fonttype": "none",
    "svg.hashsalt": "plumbline",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "axes.axisbelow": True,
    "axes.titlesize": 10,
}


def draw(folder: Path, pictures: Mapping[str, Callable[[], Figure]]) -> list[Path]:
    """Write every picture into a folder, by its file name: which files."""
    folder.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(_STYLE):
        for name, picture in pictures.items():
            drawn = picture()
            FigureCanvasSVG(drawn)
            drawn.savefig(folder / name, metadata={"Date": None, "Creator": None})
    return [folder / name for name in pictures]
