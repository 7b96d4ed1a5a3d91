# shellcheck shell=bash
# Shared by the scripts: what they say, where they cache. Sourced, never run.

# Everything built or downloaded once, in folders that appear complete or not at all.
export BACKLOGD_CACHE="${BACKLOGD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/backlogd}"

# promtool from the cache, where setup puts it, is found like an installed one.
export PATH="$PATH:$BACKLOGD_CACHE/promtool/usr/bin"

say() { printf '%s: %s\n' "${0##*/}" "$*"; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# quietly WHAT COMMAND...: one line for the reader; the command's own words only when it fails.
# COMMAND runs under set -e, which bash ignores in a condition: hence the status by hand, here and
# in timed.
quietly() {
  local what=$1 started=$SECONDS log status
  shift
  log=$(mktemp)
  set +e
  (set -e && "$@") >"$log" 2>&1 </dev/null
  status=$?
  set -e
  [ $status = 0 ] || tail -n 40 "$log" >&2
  rm -f "$log"
  [ $status = 0 ] || die "failed: $what"
  say "$what ($((SECONDS - started)) s)"
}

# timed WHAT COMMAND...: runs it in the open and says how long it took.
timed() {
  local what=$1 started=$SECONDS status
  shift
  set +e
  (set -e && "$@")
  status=$?
  set -e
  [ $status = 0 ] || die "failed: $what"
  say "$what: $((SECONDS - started)) s"
}

# Makes the folder $scratch, on the cache's file system, gone when the script ends however it ends.
scratch=
make_scratch() {
  [ -z "$scratch" ] || return 0
  mkdir -p "$BACKLOGD_CACHE"
  scratch=$(mktemp -d "$BACKLOGD_CACHE/scratch.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
}

# publish_folder BUILT FINAL: by one rename, so that nobody ever sees half of it. When another run
# was faster its folder stays: both hold the same.
publish_folder() {
  mv --no-target-directory "$1" "$2" 2>/dev/null || [ -d "$2" ] || die "cannot create $2"
}
