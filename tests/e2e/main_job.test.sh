#!/usr/bin/env bash
# The main job and its refusals, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_main_job
