#!/usr/bin/env bash
# fresh_check.sh [run] [test]: makes a new Debian 12 root with debootstrap, clones the committed
# tree into it and runs the README's commands there, by default both; prints their times. A prepared
# machine hides a missing package, this does not. Needs root, debootstrap, the network's registries
# and about 15 GB below TMPDIR. The host's apt and pip settings (mirror, proxies, certificates) are
# used inside. The root and its mounts are gone at every end.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly user_root=/root/ckptbench

# The first mirror that this host's apt uses for Debian 12.
host_mirror() {
  grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release || return 0
  apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' |
    awk '$2 == "bookworm" {print $1; exit}'
}

copy_host_settings() { # ROOT
  local root=$1
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  apt-config dump | grep -E '^Acquire::(https?::|Check-|Retries)' >"$root/etc/apt/apt.conf.d/90host" || true
  if grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
    cp -r /etc/apt/auth.conf.d /etc/apt/keyrings "$root/etc/apt/" 2>/dev/null || true
    rm -f "$root/etc/apt/sources.list"
    [ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$root/etc/apt/"
    grep -ls bookworm /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources |
      xargs -r cp -t "$root/etc/apt/sources.list.d/" || true
  fi
  [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/pip.conf"
  [ ! -f /etc/ssl/certs/ca-certificates.crt ] ||
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
}

in_root() { # ROOT COMMAND…: with the settings of the network and pip, and nothing else of this host
  local root=$1 kept
  shift
  mapfile -t kept < <(env | grep -iE '^((https?|no|all)_proxy|PIP_[A-Z_]+|SSL_CERT_(FILE|DIR)|[A-Z_]*CA_BUNDLE)=' || true)
  env -i "${kept[@]}" PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    chroot "$root" sh -c "cd $user_root && exec \"\$@\"" sh "$@"
}

# In namespaces of its own: no mount is seen outside, and no process outlives the first.
inside() { # ROOT STAGE…
  local root=$1 mirror begin stage
  shift
  mirror=$(host_mirror)
  begin=$SECONDS
  debootstrap --variant=minbase --include=git,ca-certificates,python3 bookworm "$root" \
    ${mirror:+"$mirror"} >"$root.log" || { tail -n 20 "$root.log" >&2; exit 4; }
  copy_host_settings "$root"
  git clone -q --no-hardlinks . "$root$user_root"
  echo "fresh_check: a Debian 12 root with commit $(git rev-parse --short HEAD) in $((SECONDS - begin)) s"
  mount --bind "$root" "$root"  # its / is a mount, as on any machine
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  for stage in "$@"; do
    begin=$SECONDS
    if ! in_root "$root" "scripts/$stage.sh"; then
      echo "fresh_check: scripts/$stage.sh failed after $((SECONDS - begin)) s" >&2
      exit 1
    fi
    echo "fresh_check: scripts/$stage.sh ended with 0 after $((SECONDS - begin)) s"
  done
}

if [ "${1:-}" = --inside ]; then
  shift
  inside "$@"
  exit
fi
stages=("$@")
[ "${#stages[@]}" -gt 0 ] || stages=(run test)
for stage in "${stages[@]}"; do
  [ "$stage" = run ] || [ "$stage" = test ] || { echo "fresh_check: '$stage': expected run or test" >&2; exit 2; }
done
[ "$(id -u)" -eq 0 ] || { echo "fresh_check: needs root (chroot and mounts)" >&2; exit 4; }
command -v debootstrap >/dev/null || { echo "fresh_check: needs debootstrap: apt-get install debootstrap" >&2; exit 4; }

root=$(mktemp -d)
chmod 755 "$root"  # apt downloads as a user of its own
child=
cleanup() {
  if [ -n "$child" ]; then
    kill -KILL "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  rm -rf --one-file-system "$root" "$root.log"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
unshare --mount --pid --fork --kill-child --propagation private "$0" --inside "$root" "${stages[@]}" &
child=$!
wait "$child"
