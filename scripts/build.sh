#!/usr/bin/env bash
# build.sh PRESET [TARGET…]: configures where needed and builds with Ninja.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" >"$log" 2>&1; then
  cat "$log" >&2
  exit 4
fi
grep -E '^-- (CUDA|NVTX) parts' "$log" || true
ninja -C "build/$preset" "$@" >"$log" 2>&1 || { grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$log" >&2; exit 1; }
