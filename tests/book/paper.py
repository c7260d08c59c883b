"""A PDF as Chromium prints it: what is drawn on each page, and how far down."""

import re
import zlib
from collections.abc import Iterator

OBJECT = re.compile(rb"\n(\d+) 0 obj\s*(.*?)\nendobj", re.S)
TOKEN = re.compile(rb"<[^>]*>|\((?:\\.|[^\\)])*\)|/\S+|[^\s\[\]]+", re.S)
HEIGHT = 842.88  # of a page of A4, in points


def contents(pdf: bytes) -> list[bytes]:
    """What is drawn on each page, one after another, in the language of PDF."""
    objects = {int(found[1]): found[2] for found in OBJECT.finditer(pdf)}
    pages = [text for text in objects.values() if re.match(rb"<<\s*/Type\s*/Page\b", text)]
    streams = [re.search(rb"/Contents (\d+) 0 R", page) for page in pages]
    return [_unpacked(objects[int(found[1])]) for found in streams if found]


def _unpacked(stream: bytes) -> bytes:
    packed = stream.partition(b"stream")[2].lstrip(b"\r\n")
    return zlib.decompressobj().decompress(packed)


def heights(content: bytes) -> Iterator[float]:
    """The height on the page of every text and of both edges of every picture, in points."""
    scale, shift, line = 1.0, 0.0, 0.0
    kept: list[tuple[float, float]] = []
    numbers: list[float] = []
    for token in TOKEN.findall(content):
        if token == b"q":
            kept.append((scale, shift))
        elif token == b"Q":
            scale, shift = kept.pop()
        elif token == b"cm":
            scale, shift = scale * numbers[-3], scale * numbers[-1] + shift
        elif token == b"Tm":
            line = numbers[-1]
        elif token == b"Tj":
            yield scale * line + shift
        elif token == b"Do":
            yield from (shift, scale + shift)
        numbers = [*numbers[-5:], float(token)] if re.fullmatch(rb"[-.\d]+", token) else numbers


def used(content: bytes) -> float:
    """The part of a page's height between the first and the last thing on it."""
    drawn = [height for height in heights(content) if 0 <= height <= HEIGHT]
    return (max(drawn) - min(drawn)) / HEIGHT if drawn else 0.0
