"""Asking for consent in a terminal."""

import select
import sys
from typing import Final

import click

from plumbline.cli.command import fail

_ADD_YES: Final = "without a terminal add --yes to agree"


def require_consent(question: str, nothing: str, unasked: str = _ADD_YES) -> None:
    """Ask, and end the command with what has not been done (`nothing`) unless the answer is yes.

    `unasked` is what to do where nobody can be asked. What was typed or pasted before the
    question was there is no answer to it: it stays for the shell, whose next command it is.
    """
    if not sys.stdin.isatty():
        fail(f"{nothing}: {unasked}")
    if select.select([sys.stdin], [], [], 0)[0]:
        fail(
            f"{nothing}: a line that was there before the question is no answer to it; add --yes "
            "to agree beforehand"
        )
    if not click.confirm(question, err=True):
        fail(nothing)
