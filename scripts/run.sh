#!/usr/bin/env bash
# Sets everything up, builds, runs the default suite, prints the table and says where report.html
# is. Arguments go to `ckptbench run`. A second call skips what is done.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh
echo "run: building the release preset"
scripts/build.sh release product
exec build/release/bin/ckptbench run "${@:-default}"
