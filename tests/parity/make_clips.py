"""Makes the GIFs of tests/parity/clips: every corner of the format that changes what tf.io.decode_gif returns.

    python tests/parity/make_clips.py tests/parity/clips [tests/parity/damage]

In a second folder it makes those that record_damage.py cuts and changes.

The bytes are written by hand, because no encoder writes what these files need. The same call gives the same files.
"""

import os
import struct
import sys

import numpy as np


def palette(seed, bits):
    """2**bits colours, (n, 3) uint8."""
    return np.random.default_rng(seed).integers(0, 256, (1 << bits, 3), dtype=np.uint8)


def lzw(indices, bits):
    """The indices as LZW data that clears its table before it grows: valid, if large."""
    width, clear = bits + 1, 1 << bits
    codes = []
    for at, index in enumerate(indices):
        if at % (clear - 2 or 1) == 0:
            codes.append(clear)
        codes.append(int(index))
    codes.append(clear + 1)
    stream = sum(code << (width * at) for at, code in enumerate(codes))
    data = stream.to_bytes((width * len(codes) + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[at:at + 255])]) + data[at:at + 255] for at in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\0"


def packed_lzw(indices, bits):
    """The indices as LZW data whose table grows until it is full."""
    clear = 1 << bits
    table, width, value, held = {}, bits + 1, clear, bits + 1

    def put(code):
        nonlocal value, held
        value |= code << held
        held += width

    last = None
    for index in map(int, indices):
        if last is None:
            last = index
        elif (last, index) in table:
            last = table[last, index]
        else:
            put(last)
            code = clear + 2 + len(table)
            if code < 4096:
                table[last, index] = code
                width = max(width, code.bit_length())
            last = index
    put(last)
    put(clear + 1)
    data = value.to_bytes((held + 7) // 8, "little")
    blocks = b"".join(bytes([len(data[at:at + 255])]) + data[at:at + 255] for at in range(0, len(data), 255))
    return bytes([bits]) + blocks + b"\0"


def header(width, height, colors=None, version=b"GIF89a", background=0):
    flags = 0 if colors is None else 0x80 | (len(colors).bit_length() - 2)
    head = version + struct.pack("<HHBBB", width, height, flags, background, 0)
    return head + (b"" if colors is None else colors.tobytes())


def control(delay=10, disposal=0, transparent=None):
    flags = disposal << 2 | (transparent is not None)
    return b"\x21\xf9\x04" + struct.pack("<BHB", flags, delay, transparent or 0) + b"\0"


def image(indices, left=0, top=0, bits=4, colors=None, interlaced=False, coder=lzw):
    """An image block of `indices`, (height, width)."""
    height, width = indices.shape
    flags = (0 if colors is None else 0x80 | (len(colors).bit_length() - 2)) | (0x40 if interlaced else 0)
    rows = range(height)
    if interlaced:
        rows = [row for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for row in range(start, height, step)]
    data = coder(np.concatenate([indices[row] for row in rows]), max(bits, 2))
    block = b"\x2c" + struct.pack("<HHHHB", left, top, width, height, flags)
    return block + (b"" if colors is None else colors.tobytes()) + data


def noise(seed, height, width, bits=4):
    return np.random.default_rng(seed).integers(0, 1 << bits, (height, width))


def partial_frames(disposal=0, transparent=3):
    """A whole frame, then rectangles with a transparent index over it."""
    parts = [header(40, 30, palette(1, 4), background=5), control(12, disposal), image(noise(2, 30, 40))]
    for number in range(4):
        parts += [control(13, disposal, transparent),
                  image(noise(3 + number, 11 + number, 17), left=3 * number, top=5 * number)]
    return b"".join(parts) + b";"


def clips():
    """Names and bytes."""
    whole = header(40, 30, palette(1, 4))
    yield "whole-frames", whole + b"".join(control() + image(noise(s, 30, 40)) for s in range(5)) + b";"
    for method, name in enumerate(("none", "keep", "background", "previous")):
        yield f"disposal-{name}", partial_frames(method)
    yield "opaque-partial-frames", partial_frames(1, None)
    yield "first-frame-transparent", (whole + control(transparent=2) + image(noise(5, 30, 40)) +
                                      control(transparent=7) + image(noise(6, 30, 40)) + b";")
    yield "local-palettes", (header(32, 32) + b"".join(
        control() + image(noise(s, 32, 32, 3), bits=3, colors=palette(s, 3)) for s in range(3)) + b";")
    yield "local-over-global", (whole + control() + image(noise(1, 30, 40)) + control(transparent=1) +
                                image(noise(2, 30, 40), colors=palette(9, 4)) + b";")
    yield "interlaced", (whole + control() + image(noise(7, 30, 40), interlaced=True) + control(transparent=0) +
                         image(noise(8, 13, 21), left=9, top=11, interlaced=True) + b";")
    yield "small-first-image", (header(50, 50, palette(2, 4)) + control() + image(noise(1, 10, 12), 8, 9) + control() +
                                image(noise(2, 50, 50)) + control() + image(noise(3, 20, 20), 30, 30) + b";")
    yield "overhanging", (header(30, 30, palette(3, 4)) + control() + image(noise(1, 30, 30)) + control() +
                          image(noise(2, 20, 20), 20, 20) + control() + image(noise(3, 12, 40)) + control() +
                          image(noise(4, 5, 5), 200, 200) + b";")
    yield "offset-only", header(60, 60, palette(4, 4)) + control() + image(noise(1, 20, 20), 35, 30) + b";"
    yield "one-frame", whole + image(noise(1, 30, 40)) + b";"
    yield "one-pixel", header(1, 1, palette(5, 1)) + image(np.array([[1]]), bits=1) + b";"
    yield "two-colours", header(9, 200, palette(6, 1)) + control() + image(noise(1, 200, 9, 1), bits=1) + b";"
    yield "full-palette", header(64, 48, palette(7, 8)) + control() + image(noise(1, 48, 64, 8), bits=8) + b";"
    yield "odd-sizes", header(7, 13, palette(8, 4)) + control(0) + image(noise(1, 13, 7)) + control(0) + \
        image(noise(2, 13, 7)) + b";"
    yield "large", header(401, 233, palette(9, 4)) + control() + image(noise(1, 233, 401)) + b";"
    yield "full-table", header(90, 90, palette(11, 4)) + image(noise(1, 90, 90), coder=packed_lzw) + b";"
    yield "87a", header(20, 20, palette(10, 4), b"GIF87a") + image(noise(1, 20, 20)) + image(noise(2, 20, 20)) + b";"
    yield "extensions", (whole + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + b"\x21\xfe\x05hello\0" + control() +
                         image(noise(1, 30, 40)) + b"\x21\xfe\x05hello\0" + control() + image(noise(2, 30, 40)) + b";")
    yield "two-controls", (whole + image(noise(1, 30, 40)) + control(transparent=1) + control(transparent=2) +
                           image(noise(2, 30, 40)) + b";")
    yield "control-without-transparency-after", (whole + image(noise(1, 30, 40)) + control(transparent=1) +
                                                 image(noise(2, 30, 40)) + control() + image(noise(3, 30, 40)) + b";")
    yield "comment-after-control", (whole + image(noise(1, 30, 40)) + control(transparent=1) +
                                    b"\x21\xfe\x05hello\0" + image(noise(2, 30, 40)) + b";")
    yield "garbage-after-trailer", whole + control() + image(noise(1, 30, 40)) + b";garbage"
    yield "no-palette", header(20, 20) + control() + image(noise(1, 20, 20)) + b";"
    yield "index-outside-palette", header(20, 20, palette(1, 3)) + control() + image(noise(1, 20, 20, 4)) + b";"
    complete = partial_frames()
    yield "no-trailer", complete[:-1]
    yield "cut-in-frame", complete[:-60]
    yield "cut-in-control", complete[:complete.rindex(b"\x21\xf9") + 3]


def small(seed, height=5, width=6, **rest):
    return image(noise(seed, height, width, 2), bits=2, **rest)


def damaged():
    """Names and bytes of clips of which every beginning is recorded, and every changed byte."""
    whole = header(6, 5, palette(1, 2))
    frames = b"".join(control() + small(seed) for seed in range(3))
    yield "plain", whole + frames + b";"
    yield "interlaced", header(5, 13, palette(1, 2)) + b"".join(
        control() + small(seed, 13, 5, interlaced=True) for seed in range(3)) + b";"
    yield "local-palettes", header(6, 5) + b"".join(small(s, colors=palette(s, 2)) for s in range(3)) + b";"
    yield "extensions", (whole + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + control() + small(1) +
                         b"\x21\xfe\x03abc\x02de\0" + control(transparent=1) + small(2, 3, 4, left=1, top=1) +
                         b"\x21\x01\x02ab\0" + small(3) + b"\x21\xfe\x01z\0;")
    yield "several-parts", header(25, 20, palette(1, 4)) + b"".join(
        control() + image(noise(seed, 20, 25)) for seed in range(3)) + b";"
    yield "table-in-use", header(30, 24, palette(1, 2)) + b"".join(
        image(np.sort(noise(seed, 24, 30, 2) // 2 * 3), bits=2, coder=packed_lzw) for seed in range(3)) + b";"
    yield "one-colour", header(40, 40, palette(1, 1)) + b"".join(
        image(np.full((40, 40), seed % 2), bits=1, coder=packed_lzw) for seed in range(3)) + b";"
    yield "growing", header(9, 9, palette(1, 2)) + small(1, 2, 3) + small(2, 5, 4) + small(3, 3, 9) + b";"
    yield "shrinking", header(9, 9, palette(1, 2)) + small(1, 9, 9) + small(2, 5, 4, left=6) + small(3, 2, 3) + b";"
    for name, junk in ("text", b"some text"), ("zeros", b"\0" * 8), ("image", b",,,,"), ("extension", b"!!!!"), \
            ("html", b"<html></html>\n"), ("gif", whole + frames):
        yield f"junk-{name}", whole + frames + junk
    yield "junk-behind-comment", whole + frames + b"\x21\xfe\x03abc\0junk;"
    yield "large-junk-image", whole + frames + b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\2\2\x44\1\0;"
    early = b"\x2c" + struct.pack("<HHHHB", 0, 0, 4, 1, 0) + b"\2\2\x44\1\0"
    yield "pixels-end-early", whole + small(1) + small(2) + early + small(3) + b";"
    yield "no-pixels", whole + small(1) + early.replace(b"\4\0\1\0", b"\4\0\0\0") + small(2) + b";"
    yield "no-data", whole + small(1) + early.replace(b"\2\x44\1\0", b"\0") + small(2) + b";"
    yield "too-much-data", whole + small(1)[:-1] + b"\x05abcde\0" + small(2) + small(3) + b";"
    codes = image(noise(9, 20, 20, 2), bits=2, coder=packed_lzw)
    yield "damaged-code", header(20, 20, palette(1, 2)) + small(1, 20, 20) + codes[:40] + b"\xff" + codes[41:] + b";"
    yield "empty-extension", whole + small(1) + b"\x21\xfe\0\x03abc\0" + small(2) + b"\x21\xfe\0" + small(3) + b";"
    yield "odd-controls", (whole + b"\x21\xf9\x03abc\0" + control(transparent=1) + small(1) +
                           b"\x21\xf9\0\x04\1\0\0\2\0" + small(2) + b"\x21\xf9\x04\1\0\0\3\x04\1\0\0\2\0" +
                           small(3) + b"\x21\x77\x02ab\0;")
    for size in 0, 1, 9, 12:
        yield f"code-of-{size}-bits", whole + small(1) + small(2).replace(b"\5\0\0\2", b"\5\0\0" + bytes([size])) + b";"


def write(clips, folder):
    os.makedirs(folder, exist_ok=True)
    for name, content in clips:
        with open(os.path.join(folder, name + ".gif"), "wb") as file:
            file.write(content)


def main():
    write(clips(), sys.argv[1])
    if len(sys.argv) > 2:
        write(damaged(), sys.argv[2])


if __name__ == "__main__":
    main()
