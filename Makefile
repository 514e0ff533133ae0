# Needs Python 3.11 or newer; everything else is installed into .venv (see tools/install.sh).

PORT ?= 8000
ARGS ?=
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--exclude-newer "7 days" --no-emit-index-url --no-emit-find-links --no-header --quiet

export PYTHON
.DEFAULT_GOAL := help
.PHONY: help run test check fix bench lock

help:  ## show these lines
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run:  ## install, migrate, load demo data if empty, serve on http://127.0.0.1:8000 (another port: PORT=8001)
	@sh tools/install.sh runtime
	@$(BIN)/partner-compliance serve --migrate --demo-if-empty --port $(PORT)

test: check  ## check, then the whole suite; installs Chromium if there is none (some tests only: ARGS="-k sign_in")
	@$(BIN)/python tools/chromium.py
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check:  ## everything that needs no running: style, types, direction of imports, templates, content, locks
	@sh tools/install.sh dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet partner_compliance
	$(BIN)/partner-compliance content check
	$(BIN)/python tools/check_locks.py

fix:  ## mend what can be mended by itself: style and order of imports
	@sh tools/install.sh dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench:  ## measure the time budget and print a table
	@sh tools/install.sh dev
	$(BIN)/python -m benchmarks $(ARGS)

lock:  ## renew both locks with the newest releases that are at least seven days old
	@sh tools/install.sh dev
	$(LOCK) --upgrade --output-file requirements.lock
	$(LOCK) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(BIN)/python tools/check_locks.py
