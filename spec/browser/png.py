"""Makes PNG files of a browser smaller: 256 colours are enough for a page with text and charts."""

import collections
import struct
import zlib


def _chunks(data):
    """The kinds and contents of the parts of a PNG file."""
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        yield kind, data[at + 8:at + 8 + length]
        at += 12 + length


def _nearest(left, up, corner):
    """The neighbour that PNG's fourth filter predicts a byte by."""
    guess = left + up - corner
    return min((left, up, corner), key=lambda value: abs(guess - value))


PREDICT = {
    0: lambda left, up, corner: 0,
    1: lambda left, up, corner: left,
    2: lambda left, up, corner: up,
    3: lambda left, up, corner: (left + up) // 2,
    4: _nearest,
}


def _rows(data, width, height, pixel):
    """The rows of an image of `pixel` bytes each pixel, without their filters."""
    size, before = width * pixel, bytes(width * pixel)
    for y in range(height):
        start = y * (size + 1)
        predict = PREDICT[data[start]]
        row = bytearray(data[start + 1:start + 1 + size])
        for i in range(size):
            left, corner = (row[i - pixel], before[i - pixel]) if i >= pixel else (0, 0)
            row[i] = (row[i] + predict(left, before[i], corner)) & 255
        yield row
        before = row


def _palette(counts):
    """The 256 most frequent colours, and which of them is nearest to each."""
    palette = [color for color, _ in counts.most_common(256)]
    index = {}
    for color in counts:
        index[color] = min(range(len(palette)), key=lambda i: sum(
            (one - other) ** 2 for one, other in zip(color, palette[i])))
    return palette, index


def _chunk(kind, content):
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def shrink(data):
    """A PNG file of 8-bit red, green and blue as one with a palette."""
    parts = collections.defaultdict(bytes)
    for kind, content in _chunks(data):
        parts[kind] += content
    width, height, depth, color_type = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    if (depth, color_type) != (8, 2):
        raise ValueError("not a PNG file of 8-bit red, green and blue")
    rows = [[tuple(row[i:i + 3]) for i in range(0, len(row), 3)]
            for row in _rows(zlib.decompress(parts[b"IDAT"]), width, height, 3)]
    palette, index = _palette(collections.Counter(color for row in rows for color in row))
    image = b"".join(b"\0" + bytes(index[color] for color in row) for row in rows)
    return (data[:8] + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
            + _chunk(b"PLTE", b"".join(map(bytes, palette)))
            + _chunk(b"IDAT", zlib.compress(image, 9)) + _chunk(b"IEND", b""))
