"""What a model reads and writes: a text, or the turns of a conversation."""

from collections.abc import Mapping
from typing import Final

from plumbline.formats.imports.imported import ID
from plumbline.protocol.media import is_like_media

Content = str | list[dict[str, str]]
"""A text, or turns of `role` and `content`, both texts."""

USER, ASSISTANT = "user", "assistant"
COMPLETIONS: Final = ("completion", "response", "reply", "answer", "output")
"""What people call the field that holds what a model wrote, the likeliest first."""

_ROLE, _SAID = "role", "content"
_WITHIN: Final = (*COMPLETIONS, "text", "body", "content")
# After whose turn a model writes, or goes on: trainers refuse a prompt that ends otherwise.
_BEFORE: Final = frozenset({USER, ASSISTANT, "tool"})


def content_of(value: object) -> Content | None:
    """What a value of a task holds; None if it is neither text nor a conversation.

    A thing with fields is what it holds besides its id, or under one of the usual names.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)):
        turns = [turn for turn in map(_turn, value) if turn is not None]
        return turns if turns and len(turns) == len(value) else None
    if not isinstance(value, Mapping) or is_like_media(value):
        return None
    turn = _turn(value)
    if turn is not None:
        return [turn]
    fields = {str(key): held for key, held in value.items() if key != ID}
    if len(fields) == 1:
        (held,) = fields.values()
    else:
        held = next((fields[name] for name in _WITHIN if name in fields), None)
    return None if isinstance(held, Mapping) else content_of(held)


def turns_of(content: Content, role: str) -> list[dict[str, str]]:
    """The same as turns: a text is said by `role`."""
    return [{_ROLE: role, _SAID: content}] if isinstance(content, str) else content


def is_prompt(content: Content) -> bool:
    """Whether something can be written after it: it is not blank, and no system turn is last."""
    if isinstance(content, str):
        return bool(content.strip())
    return content[-1][_ROLE] in _BEFORE


def last_reply(content: Content) -> tuple[Content, Content] | None:
    """A conversation as what comes before the last turn, and that turn; None unless it is one of
    the assistant.
    """
    if isinstance(content, str) or content[-1][_ROLE] != ASSISTANT:
        return None
    return content[:-1], content[-1:]


def _turn(value: object) -> dict[str, str] | None:
    if not isinstance(value, Mapping) or set(value) != {_ROLE, _SAID}:
        return None
    role, said = value[_ROLE], value[_SAID]
    return {_ROLE: role, _SAID: said} if isinstance(role, str) and isinstance(said, str) else None
