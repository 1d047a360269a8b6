"""Unpacking against `tar xzf`, and the peak memory of a fetch, in one run.

    cargo build --release && python3 tools/bench/unpack.py target/release/movinet-tf

Makes a SavedModel's archive of 500 MB, half of each weight's bytes random, and fetches it from a file and from a
server on loopback into an empty cache, each of three times beside `tar xzf`; the medians' ratio is printed.
"""

import functools
import http.server
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SIZE = 500_000_000


def make_archive(folder):
    model = os.path.join(folder, "model")
    os.makedirs(os.path.join(model, "variables"))
    for name in ("saved_model.pb", "variables/variables.index"):
        with open(os.path.join(model, name), "wb") as file:
            file.write(b"x")
    with open(os.path.join(model, "variables/variables.data-00000-of-00001"), "wb") as file:
        weights = bytearray(SIZE)
        weights[2::4], weights[3::4] = os.urandom(SIZE // 4), os.urandom(SIZE // 4)
        file.write(weights)
    archive = os.path.join(folder, "model.tar.gz")
    subprocess.run(["tar", "-C", model, "-czf", archive, "."], check=True)
    shutil.rmtree(model)
    return archive


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        archive = make_archive(folder)
        quiet = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        quiet.func.log_message = lambda *_: None
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/model.tar.gz"
        out, cache = os.path.join(folder, "out"), os.path.join(folder, "cache")
        times = {"tar xzf": [], "fetch --from FILE": [], "fetch --from URL": []}
        for _ in range(3):
            os.makedirs(out)
            times["tar xzf"].append(seconds(["tar", "xzf", archive, "-C", out]))
            shutil.rmtree(out)
            for name, source in (("fetch --from FILE", archive), ("fetch --from URL", address)):
                fetch = [program, "-q", "fetch", "a0-base", "--no-prepare", "--from", source, "--cache-dir", cache]
                times[name].append(seconds(fetch))
                shutil.rmtree(cache)
        peak = subprocess.run([sys.executable, "-c", PEAK, program, address, cache], check=True, capture_output=True)
        print(f"archive {os.path.getsize(archive) / 1e6:.0f} MB, unpacked {SIZE / 1e6:.0f} MB")
        tar = statistics.median(times["tar xzf"])
        for name, measured in times.items():
            middle = statistics.median(measured)
            print(f"{name:<18} {middle:5.2f} s   {tar / middle:4.2f} x the speed of tar xzf")
        print(f"peak memory of fetch --from URL: {int(peak.stdout) / 1024:.0f} MB")


# In a process of its own: the peak is over all children.
PEAK = """
import resource, subprocess, sys
program, address, cache = sys.argv[1:]
subprocess.run([program, "-q", "fetch", "a0-base", "--no-prepare", "--from", address, "--cache-dir", cache], check=True,
               stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

if __name__ == "__main__":
    main()
