#!/usr/bin/env bash
# Sets everything up and runs tests. JUnit XML in build/test-results/. Exit 0 only when all passed.
#   test.sh            the project's rules, and all tests of the release build
#   test.sh all        also ASan + UBSan, TSan (torch-free parts), fuzzing for 60 s a target and
#                      clang-tidy: what CI runs
#   test.sh STAGE…     some of: rules release asan tsan fuzz tidy
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
results=$root/build/test-results
export CKPT_TESTS=ON  # never "no tests, all passed"
stages=("$@")
[ "${#stages[@]}" -gt 0 ] || stages=(rules release)
[ "${stages[*]}" != all ] || stages=(rules release asan tsan fuzz tidy)
for stage in "${stages[@]}"; do
  case $stage in
    rules | release | asan | tsan | fuzz | tidy) ;;
    *) echo "test: '$stage': expected all, or some of: rules release asan tsan fuzz tidy" >&2; exit 2 ;;
  esac
done

sources() { git ls-files -co --exclude-standard -- "*.$1" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

run_ctest() { # preset, further arguments of ctest. Four at a time: many tests wait for deadlines
  local preset=$1
  shift
  local status=0
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error --parallel 4 \
    --test-output-size-passed 1000000 --output-junit "$results/$preset.xml" "$@" || status=$?
  python3 scripts/skipped_tests.py "$results/$preset.xml"
  return $status
}

stage_rules() {
  python3 scripts/house_check.py
  { sources cc; sources h; sources cu; } | xargs clang-format --dry-run -Werror
}
stage_release() { scripts/build.sh release && run_ctest release; }
stage_asan() {
  scripts/build.sh asan
  # leaks: the interpreter and libtorch keep global state until exit by design. A process with torch
  # allocates a million times as it starts: five frames of each stack are kept, not thirty.
  ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0:abort_on_error=1:malloc_context_size=5 \
    UBSAN_OPTIONS=print_stacktrace=1 run_ctest asan
}
stage_tsan() { scripts/build.sh tsan && TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 run_ctest tsan; }
stage_fuzz() { scripts/fuzz.sh 60; }
stage_tidy() { scripts/tidy.sh; }

scripts/setup.sh test
mkdir -p "$results"
for stage in "${stages[@]}"; do
  echo "test: $stage"
  begin=$SECONDS
  "stage_$stage"
  echo "test: $stage passed in $((SECONDS - begin)) s"
done
