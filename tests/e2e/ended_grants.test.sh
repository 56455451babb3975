#!/usr/bin/env bash
# Microsoft ends refresh tokens when it likes: noticed, named and repaired, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_ended_grants
