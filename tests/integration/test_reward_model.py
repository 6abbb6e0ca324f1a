"""The example of reward models runs as its page says, on a chain of its own."""

import re
import subprocess
import sys

from tests.build import ROOT

SCRIPT = ROOT / "docs" / "examples" / "reward_model" / "compare.py"
ROW = re.compile(r"^(.+?) +([0-9]+) +([0-9.]+)% ±[0-9.]+% +([0-9.]+)% ±[0-9.]+%$", re.MULTILINE)


def test_reward_models_are_compared_by_how_their_pairs_were_labeled() -> None:
    run = subprocess.run(
        [sys.executable, str(SCRIPT), "--seeds", "2", "--rounds", "1", "--seats", "5"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    rows = [(name, int(pairs), float(right)) for name, pairs, right, _ in ROW.findall(run.stdout)]
    assert len(rows) == 9 and run.stdout.count("gain over plurality") == 3
    for crowd in range(3):
        plurality, labels, truth = rows[3 * crowd : 3 * crowd + 3]
        assert truth == ("the truth", 96 - 24, 100.0)
        assert labels[0] == "Plumbline's labels" and labels[1] <= truth[1]
        assert plurality[0] == "plurality over everybody" and 40 < plurality[1] <= 96
        assert labels[2] > 75
