#!/usr/bin/env bash
# tidy_one.sh FILE: silent when clang-tidy has nothing to say. Remembers that by content.
set -euo pipefail
. scripts/lib/common.sh

file=$1
marks=$BACKLOGD_CACHE/clang-tidy
mark=$marks/$({ echo "$BACKLOGD_TIDY_STATE $file" && cat "$file"; } | sha256sum | cut -c1-40)
[ ! -e "$mark" ] || exit 0
if ! said=$(clang-tidy -p build/dev --quiet "$file" 2>/dev/null) || [ -n "$said" ]; then
  printf '%s\n' "$said"
  exit 1
fi
mkdir -p "$marks"
touch "$mark"
find "$marks" -type f -mtime +30 -delete
