#!/usr/bin/env bash
# Prepares the bundled demo and packs the result beside it, so that it is fast from its first run. Run it whenever the
# demo or the rewriter changes (the parity check says so), after `cargo build --release`. With a folder, packs into
# that.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=${1:-cache/demo}
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for variation in base stream; do
  mkdir -p "$work/demo-$variation"
  tar xzf "cache/demo/demo-$variation.tar.gz" -C "$work/demo-$variation"
done
MOVINET_TF_CACHE="${MOVINET_TF_CACHE:-$PWD/cache}" target/release/movinet-tf \
  prepare "$work/demo-base" "$work/demo-stream" --size 96 --anew --json >"$work/outcome.json"
python3 - "$work/outcome.json" "$out" <<'EOF'
import json
import sys

import gzip
import io
import os
import tarfile

for outcome in json.load(open(sys.argv[1])):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in ("prepared.json", "saved_model.pb"):
            with open(os.path.join(outcome["path"], name), "rb") as file:
                content = file.read()
            entry = tarfile.TarInfo("./" + name)
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    path = f"{sys.argv[2]}/{outcome['name']}.prepared.tar.gz"
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(plain.getvalue())
EOF
[ "$out" = cache/demo ] || exit 0
(cd cache/demo && sha256sum demo-base.tar.gz demo-base.prepared.tar.gz demo-stream.tar.gz demo-stream.prepared.tar.gz \
  jumping-jacks.gif labels.txt >SHA256SUMS)
