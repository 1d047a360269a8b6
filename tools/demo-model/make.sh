#!/usr/bin/env bash
# Trains and exports the bundled demo into cache/demo: about 90 minutes on 2 cores, repeatable from its seeds.
# Wants the packages of tools/requirements.txt; see CONTRIBUTING.md.
set -euo pipefail
cd "$(dirname "$0")"
export TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=2
python3 train.py base --steps 2600 --clips 10000 --out build/base.weights.npz
python3 train.py stream --steps 4000 --clips 10000 --out build/stream.weights.npz
python3 export.py build/base.weights.npz build/stream.weights.npz --out ../../cache/demo
