# The tasks of a contributor; CONTRIBUTING.md says more.
PYTHON ?= python3
VENV := .venv/bin

.PHONY: dev test test-one lint docs bench lock ci

dev:  ## create .venv with the pinned packages, and install the git hooks
	$(PYTHON) -c 'from spmlang import bootstrap; bootstrap.ensure("dev")'
	@command -v pre-commit > /dev/null && pre-commit install || echo "pre-commit is not installed; make lint runs the same checks"

test:  ## run the quick tests on all cores; python3 -m tests -m "" runs all
	$(PYTHON) -m tests

test-one:  ## run some tests in one process: make test-one T="tests/values -k rounding"
	$(VENV)/python -m pytest -q $(T)

lint:  ## check style, types, import contracts and the layout of the plans
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/python -m spmlang fmt --check plans stdlib spmlang/cli/template

docs:  ## write the outputs and message pages of the docs anew
	$(PYTHON) -m tests tests/docs --accept

bench:  ## measure the engine beside hand-written SQL, pandas and Polars
	$(PYTHON) -m tests.benchmarks

lock:  ## show how to renew the pinned packages
	@sed -n '1,6p' .ci/requirements.lock

ci:  ## run all that must pass before a change is merged
	bash .ci/run
