#!/usr/bin/env bash
# Records tests/parity/demo.npz: the logits that Python TensorFlow gives for the bundled demo. Run it in an environment
# made by tools/install.sh whenever the demo changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for variation in base stream; do
  mkdir "$work/$variation"
  tar xzf "cache/demo/demo-$variation.tar.gz" -C "$work/$variation"
done
PYTHONPATH=tools/reference python3 -m movinet_reference record cache/demo/jumping-jacks.gif \
  --base "$work/base" --stream "$work/stream" --size 96 -o "$work/whole.npz"
# The video is left out: tests/parity/clips.txt covers decoding with a hash, in less room.
python3 - "$work/whole.npz" tests/parity/demo.npz <<'EOF'
import sys
import numpy as np
whole = np.load(sys.argv[1])
np.savez(sys.argv[2], base_logits=whole["base_logits"], stream_logits=whole["stream_logits"])
EOF
