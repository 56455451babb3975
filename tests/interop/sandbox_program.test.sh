#!/usr/bin/env bash
# renkei-sandbox as a program, over the wire.
exec "$(dirname "$0")/lib/run.sh" sandbox_program.mjs
