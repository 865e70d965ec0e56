#!/usr/bin/env bash
# build.sh PRESET [TARGET…]: configures where needed and builds with Ninja. CKPT_TESTS in the
# environment is the CMake option of that name.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
preset=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" ${CKPT_TESTS:+-DCKPT_TESTS="$CKPT_TESTS"} >"$log" 2>&1; then
  cat "$log" >&2
  exit 4
fi
grep -E '^-- (CUDA|NVTX|Python bridge|tests)' "$log" || true
with_progress "build $preset" ninja -C "build/$preset" "$@" || exit 1
