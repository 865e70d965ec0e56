#!/usr/bin/env bash
# fuzz.sh [SECONDS] [TARGET…]: builds the fuzz preset and runs targets two at a time, 60 s each by
# default, all of them by default. One line per target: runs, runs per second, coverage, corpus.
# Exit 0: nothing found. 1: an input in build/fuzz/crashes, with the command that replays it.
# The corpus stays in build/fuzz/corpus and grows from run to run.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
fi
known=(manifest safetensors container journal suite directory)
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || targets=("${known[@]}")
for target in "${targets[@]}"; do
  [[ " ${known[*]} " == *" $target "* ]] || { echo "fuzz: '$target': expected some of: ${known[*]}" >&2; exit 2; }
done

scripts/build.sh fuzz "${targets[@]/%/_fuzz}"
build=$PWD/build/fuzz
crashes=$build/crashes
mkdir -p "$crashes" "$build/logs"

run_target() { # name; its figures on stdout
  local target=$1 corpus=$build/corpus/$1 seeds=$build/seeds/$1 log=$build/logs/$1.log status=0
  local program=$build/bin/${target}_fuzz
  rm -rf "$seeds"
  mkdir -p "$corpus" "$seeds"
  "$program" --write_seeds="$seeds"
  [ ! -d "fuzz/regressions/$target" ] || seeds+=" fuzz/regressions/$target"
  # shellcheck disable=SC2086  # two folders
  "$program" "$corpus" $seeds -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
    -malloc_limit_mb=512 -max_len=65536 -print_final_stats=1 -artifact_prefix="$crashes/$target-" \
    >"$log" 2>&1 || status=$?
  figures "$target" "$log"
  [ "$status" -eq 0 ] && return 0
  local input
  input=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  {
    echo "fuzz: $target: found something (exit $status), log: $log"
    grep -m 3 -E '^(==[0-9]+==ERROR|SUMMARY|  what\(\))|runtime error' "$log" || tail -n 3 "$log"
    echo "fuzz: replay: $program ${input:-(no input was written)}"
  } >&2
  return 1
}

figures() { # name, log
  awk -v target="$1" '
    /cov: [0-9]/ { for (i = 1; i < NF; ++i) { if ($i == "cov:") cov = $(i + 1); if ($i == "ft:") ft = $(i + 1); if ($i == "corp:") corpus = $(i + 1) } }
    /^stat::number_of_executed_units:/ { runs = $2 }
    /^stat::average_exec_per_sec:/ { rate = $2 }
    /^stat::peak_rss_mb:/ { rss = $2 }
    END { printf "fuzz: %-12s %10d runs %7d/s  cov %5d  ft %6d  corpus %s  peak %d MB\n", target, runs, rate, cov, ft, corpus, rss }' "$2"
}

# Long stacks of each allocation take a tenth of the time.
export ASAN_OPTIONS=malloc_context_size=4:${ASAN_OPTIONS:-}
export build crashes seconds
export -f run_target figures
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -euo pipefail -c 'run_target {}' || exit 1
