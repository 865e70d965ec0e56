#!/usr/bin/env bash
# clang-tidy over every torch-free source (a file with torch costs minutes), two at a time, and
# without precompiled headers: a file that does not include what it uses is seen here.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
build=build/tidy
cmake --preset tsan -B "$build" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_UNITY_BUILD=OFF >/dev/null
python3 - "$build/compile_commands.json" <<'PY' >"$build/files"
import json
import sys

for entry in json.load(open(sys.argv[1])):
    name = entry["file"]
    if name.endswith(".cc") and "/build/" not in name and not name.endswith(("_test.cc", "_bench.cc")):
        print(name)
PY

check_file() {
  echo "$1"
  clang-tidy -p build/tidy --quiet --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option "$1"
}
export -f check_file
with_progress "tidy: $(wc -l <"$build/files") files" xargs -a "$build/files" -P 2 -n 1 bash -c 'check_file "$@"' _
