#!/usr/bin/env bash
# Makes the Python environment of the tools at the folder given: tools/install.sh .venv
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=${1:?which folder?}
python3 -m venv "$venv"
"$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
# Their dependencies would pull the GPU build of TensorFlow over the one above.
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
  tf_keras==2.18.0 tf-models-official==2.18.0 tensorflow-hub==0.16.1
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$here/reference"
