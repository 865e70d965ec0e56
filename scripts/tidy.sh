#!/usr/bin/env bash
# clang-tidy over every torch-free source (a file with torch costs minutes), two at a time. Up to 24
# files are one unit, so that the headers, which cost most, are read once for them. Then each file
# by itself and without precompiled headers: one that does not include what it uses is seen there.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
build=build/tidy
cmake --preset tsan -B "$build" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
python3 - "$build" <<'PY'
import json
import re
import sys

build = sys.argv[1]
units, commands = [], []
for entry in json.load(open(f"{build}/compile_commands.json")):
    files = [entry["file"]]
    if "/Unity/" in entry["file"]:
        files = re.findall(r'^#include "(.*)"', open(entry["file"]).read(), re.M)
    files = [name for name in files if name.endswith(".cc") and "/build/" not in name]
    if not files or files[0].endswith(("_test.cc", "_bench.cc")):
        continue
    units.append(entry["file"])
    head = re.sub(r" -o \S+ -c \S+$", "", entry["command"])
    commands += [f"echo {name} && cd {entry['directory']} && {head} -fsyntax-only {name}" for name in files]
open(f"{build}/units", "w").write("".join(f"{unit}\n" for unit in units))
open(f"{build}/commands", "w").write("".join(f"{command}\n" for command in commands))
PY

check_unit() {
  echo "$1"
  clang-tidy -p build/tidy --quiet --warnings-as-errors='*' --header-filter="$PWD/[a-z]*/.*[.](cc|h)$" \
    --extra-arg=-Wno-unknown-warning-option "$1"
}
export -f check_unit
with_progress "tidy: $(wc -l <"$build/units") units" xargs -a "$build/units" -P 2 -n 1 bash -c 'check_unit "$@"' _
with_progress "tidy: $(wc -l <"$build/commands") files" xargs -a "$build/commands" -P 2 -d '\n' -n 1 bash -c
