#!/usr/bin/env bash
# Deploys.
set -euo pipefail
source ./lib.sh
. "$HOME/x.sh"
readonly MAX=3
declare -r MIN=1
export TARGET="$1"
name="a"

# Counts
# what it finds.
classify() {
  local count=0
  for item in "$@"; do
    if [[ $item == a && $count == 1 ]]; then
      count=1
    elif [[ -z $item ]]; then
      count=2
    else
      echo "$item"
    fi
  done
  case $count in
    1) return 1 ;;
    2) return 2 ;;
    *) echo other ;;
  esac
}

function _private { exit 1; }
function both () (
  test -n "$1" && classify "$1"
)
