#!/usr/bin/env bash
# An approval by an administrator, a wrong cloud, and a tenant found by its domain, on the built programs.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_consent
