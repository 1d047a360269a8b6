#!/usr/bin/env bash
# tools/spark on two executors: tests/spark/run.sh [PROGRAM [NUMBER...]]; the rows are those of the program itself. NUMBERs choose
# among the checks of check.py.
# Where there is no Java, and nobody may install it, nothing is run.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=${1:-target/release/movinet-tf}
keep=${MOVINET_TF_CI_CACHE:-$HOME/.cache/movinet-tf-ci}

if ! command -v java >/dev/null; then
  if [ "$(id -u)" != 0 ]; then
    echo "no Java: tools/spark is not tested"
    exit 0
  fi
  apt-get update -qq && apt-get install -y -qq default-jre-headless >/dev/null
fi

[ -x "$program" ] || cargo build --release --locked

# The Python environment, kept between runs, made anew when its list of packages changes.
wanted=$(sha256sum tests/spark/requirements.txt | cut -c1-16)
venv=$keep/spark-$wanted
if [ ! -e "$venv/whole" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --requirement tests/spark/requirements.txt
  touch "$venv/whole"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A name of its own, by which its processes are told from others.
own=$work/movinet-tf-$$
cp "$program" "$own"
# TensorFlow and the prepared demo stay where `cargo run` leaves them.
export MOVINET_TF_CACHE=${MOVINET_TF_CACHE:-$PWD/cache}
export PYTHONDONTWRITEBYTECODE=1
# Executors don't take the environment's Python by themselves, and are not to listen outside.
export PYSPARK_PYTHON=$venv/bin/python SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_DIRS=$work
"$venv/bin/python" tests/spark/check.py "$own" "$work" "${@:2}"
