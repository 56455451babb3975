#!/usr/bin/env bash
# Runs and sessions: the guide by command line, a restart, and what stands nowhere.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_sessions
