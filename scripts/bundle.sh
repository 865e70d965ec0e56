#!/usr/bin/env bash
# bundle.sh [--preset PRESET] [--with-python] DIR: a folder that runs on another machine with its own
# torch 2.11 and nothing to install, for clusters without root: stripped programs, the few shared
# libraries that are neither the C and C++ runtime's nor torch's nor CUDA's, suites, Python peers.
# DIR/README says how to start it. --with-python adds the Python bridge, which needs the very Python
# minor version of this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=release
python=
while [ "$#" -gt 1 ]; do
  case $1 in
    --preset) preset=$2; shift 2 ;;
    --with-python) python=yes; shift ;;
    *) break ;;
  esac
done
[ "$#" -eq 1 ] || { echo "usage: bundle.sh [--preset PRESET] [--with-python] DIR" >&2; exit 2; }
bundle=$1
[ ! -e "$bundle" ] || { echo "bundle: $bundle exists, expected a new folder" >&2; exit 2; }

scripts/build.sh "$preset" product
cmake --install "build/$preset" --prefix "$bundle" --strip >/dev/null
[ -n "$python" ] || rm -f "$bundle/bin/ckpt_python_bridge.so"
# For gpu_check.sh, which tells it where the libraries are: the tests of the code that runs on the GPU,
# where tests are built.
if ninja -C "build/$preset" -t targets all | grep '^platform_test:' >/dev/null; then
  scripts/build.sh "$preset" platform_test
  install -s "build/$preset/bin/platform_test" "$bundle/bin/gpu-test"
fi
mkdir -p "$bundle/lib"
cp scripts/gpu_check.sh "$bundle/"

# The runtime of C and C++ is every machine's own; torch and CUDA are what the bundle runs against.
not_ours='^(ld-linux.*|lib(c|m|dl|rt|pthread|util|stdc\+\+|gcc_s)|lib(torch|c10|cu|nv|gomp|python).*)\.so'
for program in "$bundle"/bin/*; do
  ldd "$program" 2>/dev/null | awk '$2 == "=>" && $3 ~ "^/" {print $1, $3}'
done | sort -u | while read -r name path; do
  case $path in */site-packages/*) continue ;; esac
  [[ $name =~ $not_ours ]] || cp -L "$path" "$bundle/lib/$name"
done

# Nothing of this machine: libraries are found beside the programs, torch and CUDA's runtime in
# site-packages (a link that the user makes) or LD_LIBRARY_PATH.
cat >"$bundle/rpath.cmake" <<'CMAKE'
file(GLOB programs "${BUNDLE}/bin/ckpt*")
foreach(program IN LISTS programs)
  file(RPATH_SET FILE "${program}" NEW_RPATH
    "$ORIGIN/../lib:$ORIGIN/../site-packages/torch/lib:$ORIGIN/../site-packages/nvidia/cu13/lib")
endforeach()
CMAKE
cmake -DBUNDLE="$bundle" -P "$bundle/rpath.cmake"
rm "$bundle/rpath.cmake"

cat >"$bundle/README" <<'TEXT'
ckptbench, ready to run on Linux x86-64 with glibc 2.36 or newer and torch 2.11 (PyPI's wheel).

  ln -s "$(python3 -c 'import torch, os; print(os.path.dirname(os.path.dirname(torch.__file__)))')" site-packages
  bin/ckptbench run quick                # CPU
  ./gpu_check.sh --bundle . --out DIR    # GPU, at most 8 minutes, results in DIR

In place of the link, LD_LIBRARY_PATH may name torch/lib and the folder of libcudart.so.13.
Python strategies need bin/ckpt_python_bridge.so (scripts/bundle.sh --with-python).
TEXT
size=$(du -sm --apparent-size "$bundle" | cut -f1)
echo "bundle: $bundle, $size MB"
[ "$size" -le 40 ] || { echo "bundle: larger than 40 MB" >&2; exit 1; }
