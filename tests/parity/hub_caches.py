"""This program's copies serve the real tensorflow_hub, and copies that the real one made serve this program.

    python tests/parity/hub_caches.py PROGRAM CACHES PAIR

CACHES/tfhub holds what `fetch a0-base --share-tfhub` laid down; PAIR/base and PAIR/stream are SavedModels.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
import tarfile
import threading

import tensorflow_hub as hub

BASE = "https://tfhub.dev/tensorflow/movinet/a0/base/kinetics-600/classification/3"
STREAM = "https://tfhub.dev/tensorflow/movinet/a0/stream/kinetics-600/classification/3"


def listed(program, caches):
    """Where `fetch --list` says that each model is, with an empty cache of the program's own."""
    command = [program, "fetch", "--list", "--json", "--cache-dir", os.path.join(caches, "empty")]
    rows = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {row["name"]: row["here"] for row in rows}


def main():
    program, caches, pair = sys.argv[1:]
    # No server is running: this is found in the cache or not at all.
    assert "serving_default" in hub.load(BASE).signatures
    print("hub.load finds what fetch --share-tfhub laid down")

    # The real tensorflow_hub fetches the stream model from a server on loopback and lays it down itself.
    with tarfile.open(os.path.join(caches, "stream.tar.gz"), "w:gz") as tar:
        tar.add(os.path.join(pair, "stream"), arcname=".")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=caches)
    handler.func.log_message = lambda *_: None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/stream.tar.gz"
    laid_down = hub.resolve(address)
    # Under the handle's own hash, as it would lie after a download from the hub.
    os.rename(laid_down, os.path.join(os.path.dirname(laid_down), "3b82fabcf5e6528692ed85be6339c3861ba225e4"))
    here = listed(program, caches)
    assert here["a0-base"] == here["a0-stream"] == "tensorflow_hub", here
    print("fetch finds what tensorflow_hub laid down")

    folder = os.path.join(caches, "kagglehub/models/google/movinet/tensorFlow2/a1-base-kinetics-600-classification/3")
    os.makedirs(os.path.dirname(folder))
    os.symlink(os.path.join(pair, "base"), folder)
    assert listed(program, caches)["a1-base"] is None
    open(folder + ".complete", "w").close()
    assert listed(program, caches)["a1-base"] == "kagglehub"
    print("fetch finds what lies in kagglehub's layout")


if __name__ == "__main__":
    main()
