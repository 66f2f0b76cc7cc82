#!/usr/bin/env bash
# Prints the commit that BASE and HEAD would be merged to, for hosts that make none. It is made of git's objects: nothing is
# checked out, so that no hook, filter or merge driver of a pull request's files can run. Leaves with 1 where they conflict.
set -euo pipefail
[ "$#" -eq 2 ] || { echo "usage: merge-result.sh BASE HEAD" >&2; exit 64; }
base=$(git rev-parse --verify --quiet --end-of-options "$1^{commit}") || { echo "$1 is not in this clone: fetch it" >&2; exit 69; }
head=$(git rev-parse --verify --quiet --end-of-options "$2^{commit}") || { echo "$2 is not in this clone: fetch it" >&2; exit 69; }
git merge-base "$base" "$head" > /dev/null \
  || { echo "no common commit of $1 and $2 is in this clone: fetch more, with --unshallow" >&2; exit 69; }
result=$(git merge-tree --write-tree --no-messages "$base" "$head") \
  || { echo "$2 does not merge into $1 without conflicts" >&2; exit 1; }
git -c user.name=ci -c user.email=ci@localhost commit-tree "$result" -p "$base" -p "$head" -m "merge result"
