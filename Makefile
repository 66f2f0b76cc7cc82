# What people and CI run; `make` alone lists it. Needs bash, Python 3.11 or later with venv, and Go 1.24 or later.
#
# CRDS    a folder of upstream CRDs. Where it exists, validation is strict: a kind without a schema is an error.
# STRICT  --strict-schemas, to be strict with schemas from elsewhere (`platformc schemas fetch`).
# CASES   words; `make cases` then writes only the cases whose names hold one of them.
# FUZZ_CASES  how many damaged copies of the specs `make fuzz` compiles; 100,000 take about 40 minutes of one core.
# ROUNDS  how often `make fuzz` goes through the property tests, each time with other examples.
# PYTHON  the Python that .venv is made with.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup render test e2e nightly check format lint types unit quick slow generated cases docs settings fuzz oracle bench constraints clean

PYTHON ?= python3
CRDS ?= ../shared/crds
HAS_CRDS := $(wildcard $(CRDS)/.)
STRICT ?= $(if $(HAS_CRDS),--strict-schemas)
ROUNDS ?= 20
FUZZ_CASES ?= 100000

BIN := .venv/bin
INSTALLED := .venv/.installed
PLATFORMC := $(BIN)/platformc
PYTEST := $(BIN)/pytest -n auto

help: ## List the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' Makefile | expand -t 14

# Compiled modules also where PYTHONDONTWRITEBYTECODE is set, or tests would compile them thousands of times.
setup: $(INSTALLED) ## Install everything that is needed: .venv, kubeconform, upstream's schemas
	@$(BIN)/python -m compileall -q compiler
	@$(PLATFORMC) setup
	@$(if $(HAS_CRDS),$(PLATFORMC) schemas add $(CRDS))

# Without pip's isolated build environment, so that the build tools are the pinned ones, too.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or later is needed; name one with `make PYTHON=python3.12`' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo '$(PYTHON) has no module venv; on Debian: apt-get install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt setuptools
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-build-isolation --editable '.[test]'
	@touch $@

render: setup ## Compile specs/ into rendered/
	$(PLATFORMC) render $(STRICT)

test: check ## Set up, then run everything that a pull request must pass

# In file order, as the story's steps follow each other; beside it runs all else, which shares one control plane.
e2e: setup ## Run the tests with real tools: builds them (once; 20 minutes), needs Debian's etcd-server and redis-server
	@$(BIN)/python -m e2e.binaries > /dev/null
	CRDS=$(CRDS) $(BIN)/pytest -p no:randomly -n 2 --max-worker-restart 0 --ignore e2e/nightly e2e

nightly: setup ## Run the tests with Crossplane's own validator, which is too slow to build for every change (once; 5 minutes more)
	@$(BIN)/python -m e2e.binaries crossplane-cli > /dev/null
	CRDS=$(CRDS) $(BIN)/pytest -p no:randomly -p no:xdist e2e/nightly

check: format lint types unit generated ## Run everything that people and CI must pass, in this order

format: setup ## Check the formatting with ruff
	$(BIN)/ruff format --check .

lint: setup ## Run ruff, codespell, shellcheck and actionlint
	$(BIN)/ruff check .
	$(BIN)/codespell
	$(BIN)/shellcheck .ci/run tools/ci/*.sh
	go -C tools/actionlint tool actionlint -shellcheck '$(CURDIR)/$(BIN)/shellcheck' -pyflakes ''

types: setup ## Run mypy
	$(BIN)/mypy

unit: quick slow ## Run all tests

# A file's tests share what they make, so one worker runs them all.
quick: setup ## Run the fast tests
	$(PYTEST) --dist loadfile -m 'not slow and not hypothesis'

slow: setup ## Run the slow tests: damaged specs, killed processes, property tests
	$(PYTEST) -m 'slow or hypothesis'

generated: setup ## Check that generated files are up to date
	$(BIN)/python -m tools.docs --check
	$(PLATFORMC) render --check $(STRICT)

docs: setup ## Generate the reference in docs/ from models, rules and verbs
	$(BIN)/python -m tools.docs
	$(if $(HAS_CRDS),PYTHONPATH=.:tests CRDS=$(CRDS) $(BIN)/python -m composing.managed_fields)

cases: setup ## Rewrite the expected output in tests/cases/, what claims compose, how diffs look and what changes of data are told as; review the diff like code
	PYTHONPATH=.:tests $(BIN)/python -m cases_runner $(CASES)
	PYTHONPATH=.:tests $(BIN)/python -m composing.platform_claims
	PYTHONPATH=.:tests:tests/diff $(BIN)/python -m golden_reports
	PYTHONPATH=.:tests:tests/diff $(BIN)/python -m scripted_changes $(CASES)
	PYTHONPATH=.:tests:tests/safety $(BIN)/python -m changed_platform

settings: setup ## Write argocd/install/settings.yaml from argocd/health and argocd/settings
	$(PLATFORMC) bootstrap --settings --quiet > argocd/install/settings.new
	mv argocd/install/settings.new argocd/install/settings.yaml

fuzz: setup ## Damage the real specs FUZZ_CASES times; run the property tests ROUNDS times with new examples
	PLATFORMC_FUZZ_CASES=$(FUZZ_CASES) $(PYTEST) --quiet tests/fuzz
	for round in $$(seq $(ROUNDS)); do env -u CI $(PYTEST) --quiet -m hypothesis; done

oracle: setup ## Change every scalar of specs/ and compare explain with what changes (make test uses a sample)
	PLATFORMC_EVERY_SCALAR=1 $(PYTEST) tests/oracle

bench: setup ## Compare with other tools, into docs/benchmarks.md; needs npm (BENCH=--quick prints less)
	@$(BIN)/python -m benchmarks.run $(BENCH)

# Fresh environments, so that nothing stays that is no longer needed.
constraints: setup ## Pin the newest versions of everything in constraints.txt
	$(PYTHON) -m venv --clear build/constraints
	build/constraints/bin/python -m pip install --quiet --upgrade setuptools
	build/constraints/bin/python -m pip install --quiet --no-build-isolation '.[test]'
	{ sed -n '/^#/p' constraints.txt; \
	  build/constraints/bin/python -m pip freeze --all --exclude pip --exclude platformc | LC_ALL=C sort -f; } > build/constraints.txt
	mv build/constraints.txt constraints.txt

clean: ## Remove everything that make created, including .venv; the user's cache folder (~/.cache/platformc) stays
	rm -rf .venv build platformc.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
