"""Pictures for tests, made without a library: PNG files of one colour, and what a file says of
itself."""

import struct
import zlib


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def png(width, height, colour=(200, 30, 60)):
    """A PNG of one colour."""
    rows = (b"\0" + bytes(colour) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def bomb(side):
    """A PNG of side x side pixels, each a bit, in few bytes."""
    press = zlib.compressobj(9)
    row = b"\0" * (1 + (side + 7) // 8)
    data = b"".join(press.compress(row * 1000) for _ in range(side // 1000)) + press.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data)
            + chunk(b"IEND", b""))


def size(data):
    """Width and height of a PNG."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n"), data[:40]
    return struct.unpack(">II", data[16:24])


def jpeg_size(data):
    """Width and height of a JPEG, from the head of its frame."""
    assert data.startswith(b"\xff\xd8"), data[:40]
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    height, width = struct.unpack(">HH", data[at + 5:at + 9])
    return width, height
