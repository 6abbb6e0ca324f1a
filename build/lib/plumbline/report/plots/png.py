"""Pixels with a palette, as a data URI: the smallest PNG there is, the same bytes every time."""

import base64
import struct
import zlib
from collections.abc import Sequence

Colour = tuple[int, int, int, int]  # red, green, blue, opacity; 0..255 each


def data_uri(rows: Sequence[bytes], palette: Sequence[Colour]) -> str:
    """Equally long rows of indexes into a palette of at most 256 colours."""
    width, height = len(rows[0]), len(rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = b"".join(bytes(colour[:3]) for colour in palette)
    opacity = bytes(colour[3] for colour in palette)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"tRNS", opacity), (b"IDAT", pixels))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in (*chunks, (b"IEND", b"")))
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
