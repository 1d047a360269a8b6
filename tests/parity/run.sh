#!/usr/bin/env bash
# Parity with Python TensorFlow, bit for bit, with the same TensorFlow library on both sides:
# the clips' recordings are made again and compared, and SavedModels of the official architecture run in both.
set -euo pipefail
cd "$(dirname "$0")/../.."
keep=${MOVINET_TF_CI_CACHE:-$HOME/.cache/movinet-tf-ci}
mkdir -p "$keep"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=3

# The Python environment, kept between runs, made anew when its list of packages changes.
wanted=$(cat tools/requirements.txt tools/install.sh | sha256sum | cut -c1-16)
venv=$keep/venv-$wanted
if [ ! -e "$venv/whole" ]; then
  rm -rf "$venv"
  tools/install.sh "$venv"
  touch "$venv/whole"
fi
python=$venv/bin/python
export PYTHONPATH=$PWD/tools/reference
# The very library that Python uses, so that a difference is the program's own.
MOVINET_TF_LIBTENSORFLOW=$("$python" -c 'import importlib.util as u; print(*u.find_spec("tensorflow").submodule_search_locations)')
export MOVINET_TF_LIBTENSORFLOW

# And the very release of LiteRT.
litert=$keep/litert-$(sha256sum tests/parity/litert-requirements.txt | cut -c1-16)
if [ ! -e "$litert/whole" ]; then
  rm -rf "$litert"
  "$python" -m venv "$litert"
  "$litert/bin/python" -m pip install --quiet -r tests/parity/litert-requirements.txt
  touch "$litert/whole"
fi
MOVINET_TF_LIBLITERT=$("$litert/bin/python" -c 'import importlib.util as u; print(*u.find_spec("ai_edge_litert").submodule_search_locations)')
export MOVINET_TF_LIBLITERT

cargo build --release --locked
cargo build --release --locked --example frames
program=target/release/movinet-tf
MOVINET_TF_LIBOPENVINO=$("$program" -q fetch openvino --cache-dir "$keep/openvino" | awk '{ print $2 }')
export MOVINET_TF_LIBOPENVINO
sample=../shared/data/jumpingjack.gif
labels=../shared/data/kinetics_600_labels.txt

echo "-- clips: the recording is what TensorFlow gives today"
"$python" tests/parity/make_clips.py "$work/clips" "$work/damage"
diff -rq "$work/clips" tests/parity/clips
diff -rq "$work/damage" tests/parity/damage
"$python" tests/parity/record_damage.py tests/parity/damage/*.gif 2>"$work/log" | diff - tests/parity/damage.txt ||
  { tail "$work/log"; exit 1; }
"$python" tests/parity/record_clips.py tests/parity/clips/*.gif $([ -e "$sample" ] && echo "$sample") \
  2>"$work/log" >"$work/clips.txt" || { cat "$work/log"; exit 1; }
if [ -e "$sample" ]; then
  diff "$work/clips.txt" tests/parity/clips.txt
else
  diff "$work/clips.txt" <(grep -v '^jumpingjack.gif' tests/parity/clips.txt)
fi

echo "-- rules of sampling: the recording is what their originals give today"
"$python" tests/parity/record_sampling.py 2>"$work/log" | diff - tests/parity/sampling.txt ||
  { tail "$work/log"; exit 1; }

echo "-- videos as people have them: frames, times, and what a model is shown"
# The system's ffmpeg, and the build that is installed where there is none.
wheel=$(grep -rho 'imageio-ffmpeg==[0-9.]*' src/catalog | head -n 1)
builds=$keep/$wheel
[ -e "$builds/whole" ] || { "$python" -m pip install --quiet --no-deps --target "$builds" "$wheel" && touch "$builds/whole"; }
for ffmpeg in "$(command -v ffmpeg || true)" "$builds"/imageio_ffmpeg/binaries/ffmpeg-* ${MOVINET_TF_TEST_FFMPEGS:-}; do
  [ -n "$ffmpeg" ] || continue
  rm -rf "$work/videos"
  tests/parity/make_videos.sh "$work/videos" "$ffmpeg"
  real=../shared/data/carving_ice.mp4
  if [ -e "$real" ]; then
    cp "$real" "$work/videos"
    printf 'carving_ice.mp4\tframes\t131\tmediapy\t-\ta real one\n' >>"$work/videos/videos.txt"
  fi
  echo "-- $("$ffmpeg" -version | head -n 1 | cut -d' ' -f1-3)"
  "$python" tests/parity/videos.py "$PWD/target/release/examples/frames" "$PWD/$program" "$work/videos" "$ffmpeg" 2>"$work/log" ||
    { cat "$work/log"; exit 1; }
done

pair() { # name, arguments of make_pair.py after the model and folder
  local name=$1 architecture=$2
  shift 2
  local made
  made=$(cat tests/parity/make_pair.py tools/demo-model/model.py tools/requirements.txt | cat - <(echo "$@") | sha256sum | cut -c1-16)
  folder=$keep/pair-$name-$made
  if [ ! -e "$folder/whole" ]; then
    rm -rf "$folder"
    "$python" tests/parity/make_pair.py "$architecture" "$folder" "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    touch "$folder/whole"
  fi
}

check() { # clip, size, folder with base and stream, further arguments of verify
  local clip=$1 size=$2 folder=$3
  shift 3
  echo "-- $(basename "$folder") on $(basename "$clip") at $size ${shown[*]}"
  "$python" -m movinet_reference record "$clip" --base "$folder/base" --stream "$folder/stream" --size "$size" \
    "${shown[@]}" -o "$work/reference.npz" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  "$program" verify "$clip" --against "$work/reference.npz" --base "$folder/base" --stream "$folder/stream" \
    --size "$size" "${shown[@]}" --atol 0 --rtol 0 "$@"
}
shown=() # how clips are shown to the models: for both

clip=cache/demo/jumping-jacks.gif
[ ! -e "$sample" ] || clip=$sample
pair a0 a0 --classes 600
folder_a0=$folder
check "$clip" 172 "$folder"
if [ -e "$labels" ]; then
  "$program" compare "$clip" --base "$folder/base" --stream "$folder/stream" --labels "$labels" --json - |
    "$python" -c 'import json, sys; assert json.load(sys.stdin)["schema"] == "movinet-tf/compare/1"'
fi
echo "-- the prepared a0 pair is proved equal, and equal to Python's numbers"
"$program" -q prepare "$folder/base" "$folder/stream" --size 172 --cache-dir "$work/prepared"
"$program" verify "$clip" --against "$work/reference.npz" --base "$folder/base" --stream "$folder/stream" \
  --engine prepared --cache-dir "$work/prepared" --atol 2e-4 --rtol 0
echo "-- and so is its fastest form, by LiteRT and OpenVINO"
"$program" verify "$clip" --against "$work/reference.npz" --base "$folder/base" --stream "$folder/stream" \
  --engine fastest --cache-dir "$work/prepared" --atol 2e-4 --rtol 0
echo "-- an a2 pair is prepared and proved equal, at its own size"
pair a2 a2 --classes 600
"$program" -q prepare "$folder/base" "$folder/stream" --json --cache-dir "$work/prepared" |
  "$python" -c 'import json, sys; assert [model["record"]["size"] for model in json.load(sys.stdin)] == [224, 224]'
pair a0 a0 --classes 600
echo "-- tensorflow_hub and kagglehub: their caches and this program's"
caches=$work/caches
export TFHUB_CACHE_DIR=$caches/tfhub KAGGLEHUB_CACHE=$caches/kagglehub MOVINET_TF_OFFLINE=1
"$program" -q fetch a0-base --no-prepare --from "$folder/base" --cache-dir "$caches/own" --share-tfhub >/dev/null

"$python" tests/parity/hub_caches.py "$program" "$caches" "$folder"
unset TFHUB_CACHE_DIR KAGGLEHUB_CACHE MOVINET_TF_OFFLINE

# Step signature called serving_default, batch and size fixed, no init_states; and a clip of partial frames.
pair t0-fixed t0 --classes 20 --fixed 64
check tests/parity/clips/disposal-previous.gif 64 "$folder"

echo "-- models of the kinds that people have (docs/models.md)"
made=$(cat tests/parity/make_kinds.py tests/parity/record_kinds.py tests/parity/small_networks.py tests/parity/make_pair.py \
  tools/demo-model/model.py tools/reference/movinet_reference/{__init__,sampling,sources}.py tools/requirements.txt \
  cache/demo/SHA256SUMS |
  sha256sum | cut -c1-16)
kinds=$keep/kinds-$made
if [ ! -e "$kinds/whole" ]; then
  rm -rf "$kinds"
  { "$python" tests/parity/make_kinds.py "$kinds" &&
    "$python" tests/parity/record_kinds.py cache/demo/jumping-jacks.gif "$kinds"; } >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
  touch "$kinds/whole"
fi
while IFS=$'\t' read -r kind verdict size _; do
  models=()
  for variation in base stream; do
    [ ! -d "$kinds/$kind/$variation" ] || models+=("--$variation" "$kinds/$kind/$variation")
  done
  if [ "$verdict" = works ]; then
    echo "-- $kind: Python's numbers"
    "$program" -q verify cache/demo/jumping-jacks.gif --against "$kinds/$kind/reference.npz" "${models[@]}" \
      --size "$size" --atol 0 --rtol 0
  else
    echo "-- $kind: refused"
    for model in "$kinds/$kind"/*/; do
      code=0
      "$program" -q prepare "$model" 2>"$work/log" || code=$?
      [ "$code" = 4 ] && grep 'is not a MoViNet that can run here: ' "$work/log" || { cat "$work/log"; exit 1; }
      "$program" -q show "$model" | grep 'no MoViNet that can run here'
    done
  fi
done <"$kinds/kinds.txt"

echo "-- the bundled demo"
for variation in base stream; do
  mkdir -p "$work/demo/$variation"
  tar xzf "cache/demo/demo-$variation.tar.gz" -C "$work/demo/$variation"
done
check cache/demo/jumping-jacks.gif 96 "$work/demo"
echo "-- the demo by every rule, on a clip that is wider than high"
for rule in 'model --fps 7' kinetics 'kinetics --views 3 --take 8 --step 2' fit 'letterbox --take 4 --step 2 --start 1' \
  'centre --fps 12 --from 0.05 --to 0.25'; do
  read -ra shown <<<"--sampling $rule"
  check tests/parity/clips/disposal-previous.gif 96 "$work/demo"
done
shown=()
echo "-- rows of many clips are as compared"
MOVINET_TF_CACHE=$work/prepared "$python" tests/parity/rows.py "$program" "$work" "$work/demo/base" "$work/demo/stream" cache/demo/jumping-jacks.gif --size 96 \
  --sampling kinetics --views 2 --take 5 --step 2
real=../shared/data/carving_ice.mp4
if [ -e "$real" ]; then
  echo "-- real weights on a real video"
  for variation in base stream; do
    mkdir -p "$work/real/$variation"
    tar xzf "../shared/data/real_a0_$variation.tar.gz" -C "$work/real/$variation"
  done
  for rule in tutorial model kinetics; do
    shown=(--sampling "$rule")
    check "$real" 172 "$work/real"
  done
  shown=()
  MOVINET_TF_CACHE=$work/prepared "$python" tests/parity/rows.py "$program" "$work" "$work/real/base" "$work/real/stream" "$real" --sampling model
  for answer in base.top stream.final.top; do
    "$program" -q compare "$real" --base "$work/real/base" --stream "$work/real/stream" --labels "$labels" --sampling model \
      --json - | "$python" -c 'import json, sys, functools; answer = functools.reduce(dict.get, sys.argv[1].split("."), json.load(sys.stdin)); assert answer[0]["label"] == "carving ice", answer' "$answer"
  done
fi
echo "-- TF Lite files: LiteRT's Python of the same release, bit for bit"
pair a0-172 a0 --classes 600 --fixed 172
tflite=$folder/tflite-$(sha256sum tests/parity/make_tflite.py | cut -c1-16)
if [ ! -e "$tflite/whole" ]; then
  rm -rf "$tflite"
  "$python" tests/parity/make_tflite.py "$folder/stream" "$tflite" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  touch "$tflite/whole"
fi
shown_clip=$clip files=("$tflite"/*.tflite tests/tflite/{stream,short,integers}.tflite)
for weights in float32 float16 int8; do
  "$program" -q export "$folder_a0/stream" --to "$work/exported-$weights.tflite" --weights "$weights" --size 172 >/dev/null
  files+=("$work/exported-$weights.tflite")
done
if [ -e "$real" ]; then
  shown_clip=$real
  files+=(../shared/data/movinet_a0_stream_int8.tflite)
fi
"$litert/bin/python" tests/parity/litert.py "$program" "$shown_clip" "${files[@]}" 2>"$work/log" || { cat "$work/log"; exit 1; }
echo "-- damaged TF Lite files: an answer or a line that says why"
"$python" tests/tflite/damaged.py "$program" "${files[@]}" --count 200
echo "-- exported TF Lite files in Google's interpreters: near the SavedModels that they were made of"
"$litert/bin/python" tests/parity/export.py "$program" "$folder_a0/stream" 2>"$work/log" || { cat "$work/log"; exit 1; }
"$python" tests/parity/export.py "$program" demo-stream 2>"$work/log" || { cat "$work/log"; exit 1; }
echo "-- differences planted in the demo's reference are found"
"$python" tests/parity/planted.py "$program" cache/demo/jumping-jacks.gif "$work/demo" 96 "$work" 2>"$work/log" ||
  { cat "$work/log"; exit 1; }
if command -v chromedriver >/dev/null; then
  echo "-- the HTML report in a browser"
  "$python" -c 'import selenium' 2>/dev/null || "$python" -m pip install --quiet selenium==4.51.0
  "$python" tests/browser/page.py "$program"
fi
echo "-- one session, any number of clips: the a0 pair by the library"
MOVINET_TF_TEST_PAIR=$folder_a0 MOVINET_TF_CACHE=$work/prepared cargo test --release --locked --quiet --test session
echo "parity holds, bit for bit"
