#!/usr/bin/env bash
# No planted secret in any answer, log, error, backup or store page of a wide run.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_secrets
