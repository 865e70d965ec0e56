#!/usr/bin/env bash
# setup.sh [test]: Debian packages and the Python venv that running a suite needs; with `test`, also
# the packages that the tests need. Skips what is done. Root installs missing packages; an ordinary
# user is told their names (exit 4).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/progress.sh
lists=(scripts/packages.txt)
[ "${1:-}" != test ] || lists+=(scripts/packages-test.txt)

missing_packages() { # FILE…
  local package
  grep -hv '^#' "$@" | while read -r package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || echo "$package"
  done
}

check_root_or_complete() {
  local missing
  [ "$(id -u)" -ne 0 ] || return 0
  mapfile -t missing < <(missing_packages "${lists[@]}")
  [ "${#missing[@]}" -eq 0 ] && return 0
  echo "setup: missing Debian packages, install them as root: apt-get install ${missing[*]}" >&2
  exit 4
}

install_packages() { # FILE
  local missing
  mapfile -t missing < <(missing_packages "$1")
  [ "${#missing[@]}" -eq 0 ] && return 0
  echo "setup: installing ${missing[*]}"
  apt-get update -qq
  with_progress "setup: apt-get" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends --no-remove "${missing[@]}"
}

install_venv() {
  local stamp=.venv/requirements.sha256 wanted
  wanted=$(sha256sum scripts/requirements.txt | cut -d' ' -f1)
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && return 0
  echo "setup: making .venv with the packages of scripts/requirements.txt (about 5 GB)"
  [ -x .venv/bin/python3 ] || /usr/bin/python3 -m venv .venv
  # Compiling all 5 GB takes longer than unpacking them: only what is imported is compiled, by importing it.
  with_progress "setup: pip" .venv/bin/pip install --disable-pip-version-check --no-compile \
    -r scripts/requirements.txt
  with_progress "setup: import" .venv/bin/python3 -c \
    'import torch, numpy, safetensors.torch, torch.distributed.checkpoint'
  echo "$wanted" >"$stamp"
}

# pip downloads and unpacks while apt-get installs what the venv does not need. A job of its own: an
# interrupt ends it with this script.
install_venv_and_test_packages() {
  local venv
  set -m
  install_venv &
  venv=$!
  set +m
  trap 'kill -- -"$venv" 2>/dev/null' EXIT
  install_packages scripts/packages-test.txt
  wait "$venv"
  trap - EXIT
}

check_root_or_complete
install_packages scripts/packages.txt
if [ "${1:-}" = test ]; then
  install_venv_and_test_packages
else
  install_venv
fi
