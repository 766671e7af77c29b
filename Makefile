# `make help` lists the targets. Everything lives in .venv and var/; nothing is installed into the system.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input -qq
# The lock files are complete: --no-deps keeps pip from resolving again, where an extra (coverage[toml]) loses its pin and hash.
hash = $(shell cksum < $(1) | cut -d' ' -f1)
BASE := .venv/.installed-base-$(call hash,requirements/base.txt)
DEV := .venv/.installed-dev-$(call hash,requirements/dev.txt)
TEST_SETTINGS := DJANGO_SETTINGS_MODULE=tests.settings

.PHONY: help demo demo-reset test quick check lint lock messages screens bench

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

# pip comes last: a venv that was interrupted is made again.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed as '$(PYTHON)' (or: make PYTHON=/path/to/python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "==> Creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

$(BASE): | .venv/bin/pip
	@echo "==> Installing the packages of requirements/base.txt (the first time this takes a minute)"
	@$(PIP) install --no-deps --require-hashes -r requirements/base.txt
	@touch $@

$(DEV): | .venv/bin/pip
	@echo "==> Installing the packages of requirements/dev.txt (the first time this takes some minutes)"
	@$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(BASE) ## run everything here: web, worker, sandbox, sample orders (PORT=8000 SANDBOX_PORT=8090)
	@$(PY) tools/demo_env.py var/demo.env
	@ENV_FILE=var/demo.env exec $(PY) manage.py demo

demo-reset: ## forget the data of the demo; the next `make demo` starts over
	@if [ -e var/demo.pid ] && kill -0 "$$(cat var/demo.pid)" 2>/dev/null; then \
	  echo "The demo is running: stop it first (Ctrl-C)." >&2; exit 1; fi
	@rm -rf var/db.sqlite3* var/sandbox.sqlite3* var/demo.env var/demo.pid var/metrics
	@echo "The demo's data is gone. Start again with: make demo"

test: $(DEV) ## run every check and every test: SQLite, PostgreSQL, browser
	@$(MAKE) check
	@$(PY) tools/run_tests.py

quick: $(DEV) ## under a minute: lint, types, tests without a database, and all of test files you have changed
	@$(MAKE) lint
	@echo "==> Fast tests"
	@$(PY) -m pytest -q -n 2 --dist worksteal --quick -m "not browser and not live and not bench and not slow"

check: $(DEV) lint ## lint, types, deployment settings, migrations, message catalogues
	@echo "==> Deployment settings"
	@ENV_FILE= DEBUG=0 HTTPS=1 SECRET_KEY="$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(48))')" \
	  FIELD_KEYS=only-to-check-the-settings $(PY) manage.py check --deploy --fail-level WARNING
	@echo "==> Migrations match the models"
	@$(TEST_SETTINGS) $(PY) manage.py makemigrations --check --dry-run
	@echo "==> Message catalogues"
	@$(PY) tools/messages.py check

lint: $(DEV)
	@echo "==> Format and lint"
	@.venv/bin/ruff format --check --output-format concise .
	@.venv/bin/ruff check --output-format concise .
	@echo "==> Types"
	@.venv/bin/mypy --no-error-summary

lock: $(DEV) ## resolve requirements/*.in again and pin them with hashes
	@echo "==> Resolving"
	@.venv/bin/uv pip compile -q --upgrade --generate-hashes requirements/base.in -o requirements/base.txt
	@.venv/bin/uv pip compile -q --upgrade --generate-hashes requirements/dev.in -o requirements/dev.txt

messages: $(DEV) ## collect strings into locale/ and compile the catalogues
	@$(PY) tools/messages.py update

screens: $(DEV) ## make the pictures of docs/screens anew: a demo of its own in Chromium
	@$(PY) tools/screens.py

bench: $(DEV) ## measure on PostgreSQL and write docs/benchmarks.md (ORDERS=100000 ENTRIES=1000000)
	@$(PY) -m tests.bench --orders $${ORDERS:-100000} --entries $${ENTRIES:-0}
