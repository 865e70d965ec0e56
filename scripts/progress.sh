# Sourced. with_progress NAME COMMAND…: runs a command whose output is shown only where it fails. On
# a terminal the command's own output is its progress; in a log, where it is unwanted, one line
# every CKPT_PROGRESS_S seconds (default 15) says how far it is.

progress_lines() { # NAME LOG
  local begin=$SECONDS last
  exec 9<> <(:)  # never readable: a wait without a child process
  while ! read -rt "${CKPT_PROGRESS_S:-15}" -u 9; do
    last=$(tail -c 4096 "$2" | tr '\r' '\n' | grep -v '^\s*$' | tail -n 1 | cut -c1-100 || true)
    echo "$1: $((SECONDS - begin)) s: ${last:-started}"
  done
}

with_progress() { # NAME COMMAND…
  local name=$1 log printer code=0
  shift
  if [ -t 1 ]; then
    "$@"
    return
  fi
  log=$(mktemp)
  progress_lines "$name" "$log" &
  printer=$!
  "$@" >"$log" 2>&1 || code=$?
  kill "$printer" && wait "$printer" 2>/dev/null || true
  [ "$code" -eq 0 ] || grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking)' "$log" >&2 || true
  rm -f "$log"
  return "$code"
}
