# Shared by the scripts here: where we are, colours, steps that say how long they took.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' blue=$'\e[34m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' yellow='' blue='' plain=''
fi
say() { printf '%s\n' "$*"; }
step() { printf '%s==>%s %s%s%s\n' "$blue" "$plain" "$bold" "$*" "$plain"; }
good() { printf ' %s✓%s %s\n' "$green" "$plain" "$*"; }
warn() { printf ' %s!%s %s\n' "$yellow" "$plain" "$*"; }
# die WHAT WHAT-TO-DO
die() {
    printf '%s✗ %s%s\n' "$red" "$1" "$plain" >&2
    [ $# -lt 2 ] || printf '  What to do: %s\n' "$2" >&2
    exit 1
}
# The project's own Node and nobody else's.
NODE_HOME="$ROOT/.tools/node_modules/node/bin"
