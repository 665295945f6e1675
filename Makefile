# All there is to run here. Each target first makes what it needs, in a virtual environment of this repository.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Threads that wait sleep instead of spinning: beside other programs, training is then several times faster.
export OMP_WAIT_POLICY ?= PASSIVE

.DEFAULT_GOAL := help
.PHONY: help demo test test-quick attack lint types docs bench dist format clean

help:  ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*##/\1	/p' $(MAKEFILE_LIST) | expand -t 12

demo: $(VENV)/.with-nothing  ## Fit a bundled real table, write synthetic rows and a report, print the score.
	$(BIN)/tabgan demo

test: export OMP_NUM_THREADS ?= 1
test: $(VENV)/.with-test  ## Run the test suite, on two cores.
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

test-quick: export OMP_NUM_THREADS ?= 1
test-quick: $(VENV)/.with-test  ## Run the tests that take no time, in less than a minute.
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "not slow" $(ARGS)

attack: export OMP_NUM_THREADS ?= 1
attack: export TABGAN_ATTACK ?= 600
attack: export TABGAN_ATTACK_SEED ?= 0
attack: export TABGAN_ATTACK_LOG ?= attack-log
attack: $(VENV)/.with-test  ## Attack files, expressions, frames and the command line; TABGAN_ATTACK=seconds of each.
	@mkdir -p $(TABGAN_ATTACK_LOG)
	$(BIN)/python -m pytest tests/attack --timeout 0 -s $(ARGS)

lint: $(VENV)/.with-lint  ## Check style and formatting.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.with-lint  ## Check types.
	$(BIN)/mypy

docs: $(VENV)/.with-docs  ## Build the documentation and run its examples.
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

bench: $(VENV)/.with-benchmarks  ## Fit, sample and score a table; ARGS="FOLDER ...".
	$(BIN)/python -m benchmarks $(ARGS)

dist: $(VENV)/.with-dist  ## Build a wheel, install it into a clean environment, and try it there.
	rm -rf dist
	$(BIN)/python -m build --outdir dist .
	$(PYTHON) -m venv dist/clean
	dist/clean/bin/python -m pip --disable-pip-version-check install --quiet -c constraints.txt dist/*.whl
	cd dist/clean && bin/tabgan --version
	cd dist/clean && bin/python -c "import tabgan; tabgan.load_iris().to_csv('iris.csv', index=False)"
	cd dist/clean && bin/tabgan fit iris.csv -o iris.tabgan --max-steps 20 --verbose 0
	cd dist/clean && bin/tabgan sample iris.tabgan -n 150 -o rows.csv
	cd dist/clean && bin/tabgan evaluate iris.csv rows.csv --html report.html --verbose 0
	rm -rf dist/clean

format: $(VENV)/.with-lint  ## Format the code.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove the environment and everything that was built.
	rm -rf $(VENV) dist docs/_build docs/auto_examples docs/generated tabgan-demo attack-log .mypy_cache .pytest_cache .ruff_cache

# The stamps. They are older than pyproject.toml or constraints.txt only if those changed, so a second run of any
# target installs nothing.

$(VENV)/.made:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10) and 'tabgan needs Python 3.10 or later; say which: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.with-nothing: $(VENV)/.made pyproject.toml constraints.txt
	$(PIP) install --quiet -c constraints.txt -e .
	@touch $@

$(VENV)/.with-%: $(VENV)/.with-nothing
	$(PIP) install --quiet -c constraints.txt -e ".[$*]"
	@touch $@
