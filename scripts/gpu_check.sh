#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: trains, saves, kills and bit-exactly resumes on it with sync and
# async (pinned buffers, own copy stream), then measures both. At most 8 minutes: a smoke of 90 s
# first. Without a GPU: one line and exit 4.
#   gpu_check.sh [--bundle DIR] [--out DIR] [--work DIR]
#   --bundle DIR   runs the bundle of scripts/bundle.sh against this machine's torch; without it, the
#                  cuda preset is built here
#   --out DIR      results, written as they come (default: gpu-check-<time>): log.txt with the GPU and all
#                  tables, one JSON Lines file for each suite, texts.tar.gz with the other texts; a few MB
#   --work DIR     the runs' own folders are made in it and removed at the end (default: the current
#                  folder); it chooses the disk that is measured
#   CKPT_PYTHON=…  a Python with torch 2.11 (default: the venv's, with --bundle: python3)
set -euo pipefail
bundle=
out=
work=.
while [ "$#" -gt 0 ]; do
  case $1 in
    --bundle) bundle=$(cd "$2" && pwd); shift 2 ;;
    --out) out=$2; shift 2 ;;
    --work) work=$2; shift 2 ;;
    *) echo "gpu_check: '$1': expected --bundle DIR, --out DIR or --work DIR" >&2; exit 2 ;;
  esac
done
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L 2>/dev/null | grep -q GPU; then
  echo "gpu_check: skipped, no NVIDIA GPU is visible on this machine"
  exit 4
fi
suites=(gpu-smoke gpu)
out=${out:-gpu-check-$(date -u +%Y%m%dT%H%M%SZ)}
mkdir -p "$out" "$work"
out=$(cd "$out" && pwd)
work=$(mktemp -d "$(cd "$work" && pwd)/gpu-check-run.XXXXXX")

copy_records() {
  local suite
  for suite in "${suites[@]}"; do
    [ ! -f "$work/$suite/results.jsonl" ] || cp "$work/$suite/results.jsonl" "$out/$suite.jsonl"
  done
}

pack() { # FIND ARGUMENTS: what is small and text, of them. Checkpoints of failed cells are neither
  (cd "$work" && find . -type f -size -512k "$@" \
    \( -name '*.json' -o -name '*.jsonl' -o -name '*.txt' -o -name '*.log' -o -name '*.md' -o -name '*.csv' \) \
    -print0 | tar --null --files-from=- -czf "$out/texts.tar.gz")
}

collect() {
  copy_records
  pack
  [ "$(stat -c %s "$out/texts.tar.gz")" -le 15000000 ] || pack -not -path '*/cells/*'
}

copier=
finish() {
  [ -z "$copier" ] || kill "$copier" 2>/dev/null || true
  collect || true
  rm -rf "$work"
}
trap finish EXIT
(while sleep 1; do copy_records; done) &
copier=$!

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | tee "$out/log.txt"

if [ -n "$bundle" ]; then
  site=$("${CKPT_PYTHON:-python3}" -c \
    'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").submodule_search_locations[0]))') ||
    { echo "gpu_check: no torch in ${CKPT_PYTHON:-python3}; set CKPT_PYTHON" >&2; exit 4; }
  cudart=$(find "$site"/nvidia "$site"/torch/lib /usr/local/cuda*/ -name 'libcudart.so.13' 2>/dev/null | head -n 1 || true)
  [ -n "$cudart" ] || { echo "gpu_check: no libcudart.so.13 beside torch or in /usr/local/cuda*" >&2; exit 4; }
  export LD_LIBRARY_PATH="$site/torch/lib:${cudart%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  bench=$bundle/bin/ckptbench
  tests=$bundle/bin/gpu-test
else
  cd "$(dirname "$0")/.."
  [ -n "${CKPT_PYTHON:-}" ] || scripts/setup.sh
  cmake --preset cuda -DCKPT_PYTHON="${CKPT_PYTHON:-$PWD/.venv/bin/python3}" >"$work/cmake.txt" 2>&1 ||
    { cat "$work/cmake.txt" >&2; exit 4; }
  ninja -C build/cuda product
  bench=$PWD/build/cuda/bin/ckptbench
  tests=$PWD/build/cuda/bin/platform_test
fi

# A run that is told to stop keeps what is finished; what it had is reported then.
stage() { # SUITE SECONDS
  local suite=$1 code=0
  echo "gpu_check: $suite, at most $2 s"
  timeout --signal=TERM --kill-after=15 "$2" "$bench" run "$suite" --out "$work/$suite" 2>&1 || code=$?
  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    echo "gpu_check: $suite was stopped after $2 s"
    "$bench" report "$work/$suite" 2>&1 || true
    code=3
  fi
  collect
  return "$code"
}

# Of the code that runs on the GPU; where they are built.
tests() {
  [ -x "$tests" ] || return 0
  LD_LIBRARY_PATH="${bundle:+$bundle/lib:}${LD_LIBRARY_PATH:-}" timeout --kill-after=5 30 "$tests" --gtest_filter='GpuDigest.*' 2>&1 || return 1
}

all_stages() {
  local begin=$SECONDS tested=0 code=0
  tests || tested=1
  stage "${suites[0]}" 90 || code=$?
  if [ "$code" -eq 0 ] || [ "$code" -eq 3 ]; then
    stage "${suites[1]}" $((450 - (SECONDS - begin))) || code=$?
  fi
  [ "$tested" -eq 0 ] || code=1
  echo "gpu_check: exit code $code, results in $out"
  return "$code"
}

all_stages | tee -a "$out/log.txt"
