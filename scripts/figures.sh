#!/usr/bin/env bash
# figures.sh DIR: runs what docs/measured.md and README's table quote, on a machine that does nothing
# else meanwhile (about 50 minutes), and prints the figures. DIR is also the disk that is measured.
set -euo pipefail
dir=$(realpath -m "${1:?usage: figures.sh DIR}")
cd "$(dirname "$0")/.."
bin=build/release/bin
mkdir -p "$dir"
for suite in default figures; do
  "$bin/ckptbench" run "$suite" --out "$dir/$suite" >"$dir/$suite.txt"
done
"$bin/strategies_bench" --benchmark_filter=open_and_ --benchmark_repetitions=7 \
  --benchmark_enable_random_interleaving=true --benchmark_out="$dir/restore.json" \
  --benchmark_out_format=json >/dev/null
python3 scripts/figures.py "$dir"
