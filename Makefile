# Everything a clone needs: Python 3.11 or newer, make and pip. `make` alone says what there is to do.

unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK := 1

JOBS ?= 2
BIN := .venv/bin
READY := .venv/.ready
DBT := .venv-dbt/bin/dbt

# The first of these that runs and is new enough: a version manager's stub may exist and still not run.
PYTHON ?= $(shell for one in python3.11 python3.12 python3.13 python3; do \
	"$$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo "$$one" && break; done)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check unit slow ui bench corpus fuzz docs format dbt-env lock clean needs-python

help: ## say what there is to do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## play both sample customers in ./.demo and show where every row went
	@$(BIN)/aformity demo

test: check ## everything: style, types, architecture, documents, then all tests, the quick ones first
	@$(MAKE) --no-print-directory dbt-env || { test -z "$$CI" && \
		echo "dbt could not be installed; the test that compares with it is skipped"; }
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(READY) ## style, types, architecture, JSON Schemas, documents, the customers' configuration
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "run 'make format'"; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/python -m aformity_pipelines.config.schemas --check
	@$(BIN)/python -m tests.docs.generate --check
	@$(BIN)/aformity check
	@$(BIN)/python -m pytest -q --no-header tests/architecture

unit: $(READY) ## the quick tests, in under a minute
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile -m "not slow"

slow: $(READY) ## the tests that start Great Expectations, Dagster or a browser, or try many inputs
	@$(BIN)/python -m pytest -q -n $(JOBS) --dist loadfile -m slow

ui: $(READY) ## Dagster in the browser, with its storage set up
	@$(BIN)/aformity ui

bench: $(READY) ## speed and memory, against DuckDB reading the same file
	@$(BIN)/python -m benchmarks

corpus: $(READY) ## how well intake reads the files in ../shared/data, a naive reader beside it
	@$(BIN)/python -m benchmarks.corpus

MINUTES ?= 10
fuzz: $(READY) ## damage CSV, XLSX and YAML files at random for MINUTES and see whether anything but a clear answer comes
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

docs: $(READY) ## write docs/ and the JSON Schemas again from the code
	@$(BIN)/python -m aformity_pipelines.config.schemas
	@$(BIN)/python -m tests.docs.generate

format: $(READY) ## format the code and repair what ruff can
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

dbt-env: $(DBT) ## dbt in .venv-dbt, for the test that runs the real dbt on our models

lock: needs-python ## pin the newest allowed versions again, with hashes (needs the network)
	@$(PYTHON) -m venv build/lock && build/lock/bin/python -m pip install --quiet uv
	@build/lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-strip-extras --no-annotate --group dev \
		pyproject.toml -o requirements.lock
	@echo "requirements-dbt.lock says in its first lines what it is made of; its duckdb must stay the same one"

clean: ## remove what can be made again; storage/ holds records and stays
	@rm -rf .venv .venv-dbt .demo build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find aformity_pipelines benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

needs-python:
	@test -n "$(PYTHON)" || { \
		echo "No Python 3.11 or newer was found (tried python3.11, python3.12, python3.13, python3)."; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11"; exit 1; }

$(READY): requirements.lock pyproject.toml | needs-python
	@echo "Setting up .venv; the first time this takes a minute or two"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j $(JOBS) .venv/lib aformity_pipelines >/dev/null || true
	@touch $@

$(DBT): requirements-dbt.lock | needs-python
	@echo "Setting up .venv-dbt"
	@$(PYTHON) -m venv .venv-dbt
	@.venv-dbt/bin/python -m pip install --quiet --require-hashes -r requirements-dbt.lock
	@touch $@
