#!/usr/bin/env bash
# The recipes: curl and Python run word for word; the requests of the other pages are those of curl.
cd "$(dirname "$0")" && exec python3 -m unittest -v test_recipes
