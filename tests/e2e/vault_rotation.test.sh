#!/usr/bin/env bash
# New keys for the vault while the server serves.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_vault_rotation
