#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: trains, saves, kills and bit-exactly resumes on it with sync and
# async (pinned buffers, own copy stream), then measures both. At most 8 minutes: a smoke of 90 s
# first. Without a GPU: one line and exit 4.
#   gpu_check.sh [--bundle DIR] [--out DIR]
#   --bundle DIR   runs the bundle of scripts/bundle.sh against this machine's torch; without it, the
#                  cuda preset is built here
#   --out DIR      results, written as they come (default: gpu-check-<time>); small enough to take along
#   CKPT_PYTHON=…  a Python with torch 2.11 (default: the venv's, with --bundle: python3)
set -euo pipefail
bundle=
out=
while [ "$#" -gt 0 ]; do
  case $1 in
    --bundle) bundle=$(cd "$2" && pwd); shift 2 ;;
    --out) out=$2; shift 2 ;;
    *) echo "gpu_check: '$1': expected --bundle DIR or --out DIR" >&2; exit 2 ;;
  esac
done
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L 2>/dev/null | grep -q GPU; then
  echo "gpu_check: skipped, no NVIDIA GPU is visible on this machine"
  exit 4
fi
out=${out:-gpu-check-$(date -u +%Y%m%dT%H%M%SZ)}
mkdir -p "$out"
out=$(cd "$out" && pwd)
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | tee "$out/gpu.txt"

if [ -n "$bundle" ]; then
  site=$("${CKPT_PYTHON:-python3}" -c \
    'import importlib.util as u, os; print(os.path.dirname(u.find_spec("torch").submodule_search_locations[0]))') ||
    { echo "gpu_check: no torch in ${CKPT_PYTHON:-python3}; set CKPT_PYTHON" >&2; exit 4; }
  cudart=$(find "$site"/nvidia "$site"/torch/lib /usr/local/cuda*/ -name 'libcudart.so.13' 2>/dev/null | head -n 1 || true)
  [ -n "$cudart" ] || { echo "gpu_check: no libcudart.so.13 beside torch or in /usr/local/cuda*" >&2; exit 4; }
  export LD_LIBRARY_PATH="$site/torch/lib:$(dirname "$cudart")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  bench=$bundle/bin/ckptbench
else
  cd "$(dirname "$0")/.."
  [ -n "${CKPT_PYTHON:-}" ] || scripts/setup.sh
  cmake --preset cuda -DCKPT_PYTHON="${CKPT_PYTHON:-$PWD/.venv/bin/python3}" >"$out/cmake.txt" 2>&1 ||
    { cat "$out/cmake.txt" >&2; exit 4; }
  ninja -C build/cuda product
  bench=$PWD/build/cuda/bin/ckptbench
fi

# A run that is told to stop keeps what is finished; what it had is reported then.
stage() { # SUITE SECONDS
  local suite=$1 code=0
  echo "gpu_check: $suite, at most $2 s"
  timeout --signal=TERM --kill-after=15 "$2" "$bench" run "$suite" --out "$out/$suite" 2>&1 |
    tee "$out/$suite.txt" || code=$?
  if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
    echo "gpu_check: $suite was stopped after $2 s" | tee -a "$out/$suite.txt"
    "$bench" report "$out/$suite" 2>&1 | tee -a "$out/$suite.txt" || true
  fi
  return "$code"
}

begin=$SECONDS
code=0
stage gpu-smoke 90 || code=$?
if [ "$code" -eq 0 ] || [ "$code" -eq 124 ]; then
  stage gpu $((450 - (SECONDS - begin))) || code=$?
fi
echo "gpu_check: exit code $code, results in $out"
exit "$code"
