"""What a clip costs: time and peak memory over its length and its size, with both engines.

    python tools/bench/cost.py PROGRAM CLIP PAIR

PAIR holds base/ and stream/ (tests/parity/make_pair.py makes one). The clip is repeated to the lengths wanted. Each
point is a process of its own, prints the medians of `bench`, and prepares the pair for its size first: the pair stays
prepared for the last of them.
"""

import json
import os
import subprocess
import sys
import tempfile

from PIL import Image, ImageSequence

LENGTHS = [8, 16, 32, 64, 128]
SIZES = [128, 192, 256, 320]
LENGTH, SIZE = 16, 172
ENGINES = ["prepared", "reference"]


def main():
    program, clip, pair = sys.argv[1:]
    models = ["--base", os.path.join(pair, "base"), "--stream", os.path.join(pair, "stream")]
    frames = [frame.convert("RGB") for frame in ImageSequence.Iterator(Image.open(clip))]
    print(f"{'frames':>6} {'pixels':>6}" + "".join(f"{engine + ': clip':>18}{'a frame':>10}{'memory':>10}" for engine in ENGINES))
    with tempfile.TemporaryDirectory() as folder:
        for length, size in [(length, SIZE) for length in LENGTHS] + [(LENGTH, size) for size in SIZES]:
            path = os.path.join(folder, f"{length}.gif")
            shown = [frames[at % len(frames)] for at in range(length)]
            shown[0].save(path, save_all=True, append_images=shown[1:], duration=120)
            subprocess.run([program, "-q", "prepare", *models[1::2], "--size", str(size)], check=True, stdout=subprocess.DEVNULL)
            line = f"{length:>6} {size:>6}"
            for engine in ENGINES:
                output = subprocess.run([program, "-q", "bench", path, *models, "--size", str(size), "--engine", engine,
                                         "--clips", "2", "--frames", "40", "--json"], check=True, capture_output=True).stdout
                stream, base = json.loads(output)
                line += f"{base['p50'] * 1e3:>15.0f} ms{stream['p50'] * 1e3:>7.1f} ms{base['peak_memory'] / 1e6:>7.0f} MB"
            print(line, flush=True)


if __name__ == "__main__":
    main()
