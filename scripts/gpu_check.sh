#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: builds the cuda preset and trains, saves and bit-exactly resumes
# digits-cnn, char-gpt and shapes on it with sync and async (pinned buffers, own copy stream), then
# measures both. At most 8 minutes. Without a GPU: one line and exit 4.
#   CKPT_PYTHON=…        a Python with torch of scripts/requirements.txt (default: the venv)
#   CMAKE_PREFIX_PATH=…  where the C++ libraries of scripts/packages.txt are, if not in /usr
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L 2>/dev/null | grep -q GPU; then
  echo "gpu_check: skipped, no NVIDIA GPU is visible on this machine"
  exit 4
fi
nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
if [ -z "${CKPT_PYTHON:-}" ]; then
  scripts/setup.sh
  CKPT_PYTHON=$PWD/.venv/bin/python3
fi
cmake --preset cuda -DCKPT_PYTHON="$CKPT_PYTHON" >build-cuda.log 2>&1 || { cat build-cuda.log >&2; exit 4; }
rm -f build-cuda.log
ninja -C build/cuda product
exec build/cuda/bin/ckptbench run gpu "$@"
