# shellcheck shell=bash
# Shared by the scripts: what they say, where they cache. Sourced, never run.

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

[ -n "${BACKLOGD_CACHE:-}${XDG_CACHE_HOME:-}${HOME:-}" ] ||
  die "no place for what is built once: set HOME, or BACKLOGD_CACHE to a folder"

# Everything built or downloaded once, in folders that appear complete or not at all.
export BACKLOGD_CACHE="${BACKLOGD_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/backlogd}"

# What setup unpacks into the cache is found like what is installed.
export PATH="$PATH:$BACKLOGD_CACHE/promtool/usr/bin:$BACKLOGD_CACHE/monitoring/usr/bin"

# What is to go when the script ends, however it ends.
log='' scratch='' running=''
clean_up() {
  set +e
  if [ -n "$running" ]; then
    end_tree "$running"
    wait "$running" 2>/dev/null
  fi
  rm -rf ${log:+"$log"} ${scratch:+"$scratch"}
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 131' QUIT
trap 'exit 143' TERM

# Ends a process, then those that it started: a script among them cleans up before they are gone.
end_tree() {
  local child children=
  read -r children 2>/dev/null <"/proc/$1/task/$1/children"
  kill "$1" 2>/dev/null
  for child in $children; do end_tree "$child"; done
}

# attempt COMMAND...: its status, under set -e. In the background: while bash waits for a command in
# the foreground it heeds no signal. REQUIRES: set +e, since bash ignores set -e in a condition.
attempt() {
  local status
  (set -e && "$@") &
  running=$!
  wait "$running"
  status=$?
  running=
  return $status
}

# quietly WHAT COMMAND...: one line for the reader; the command's own words only when it fails.
quietly() {
  local what=$1 started=$SECONDS status
  shift
  log=$(mktemp)
  set +e
  attempt "$@" >"$log" 2>&1 </dev/null
  status=$?
  set -e
  [ $status = 0 ] || tail -n 40 "$log" >&2
  rm -f "$log"
  log=
  [ $status = 0 ] || die "failed: $what"
  say "$what ($((SECONDS - started)) s)"
}

# timed WHAT COMMAND...: runs it in the open and says how long it took.
timed() {
  local what=$1 started=$SECONDS status
  shift
  set +e
  attempt "$@"
  status=$?
  set -e
  [ $status = 0 ] || die "failed: $what"
  say "$what: $((SECONDS - started)) s"
}

# Makes the folder $scratch, on the cache's file system.
make_scratch() {
  [ -z "$scratch" ] || return 0
  mkdir -p "$BACKLOGD_CACHE"
  scratch=$(mktemp -d "$BACKLOGD_CACHE/scratch.XXXXXX")
}

# publish_folder BUILT FINAL: by one rename, so that nobody ever sees half of it. When another run
# was faster its folder stays: both hold the same.
publish_folder() {
  mv --no-target-directory "$1" "$2" 2>/dev/null || [ -d "$2" ] || die "cannot create $2"
}
