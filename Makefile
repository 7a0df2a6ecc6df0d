# Everything that is done with this project, each target with its own set-up. Nothing is installed outside this folder
# and one cache folder: $AIRBYTE_WB_CACHE, or ~/.cache/pulumi-airbyte-wb.
.POSIX:

# The Python that .venv is made with; 3.11 or newer.
PYTHON ?= python3
# How many tests run at a time: two more than there are processors, as many of them wait for an engine to come up.
WORKERS ?= $$(($$(getconf _NPROCESSORS_ONLN) + 2))
# How many histories `make proof` plays.
N ?= 4400
# Options of `make faults` and `make soak`, such as FAULTS="--share 0.4 --early 0.03" for ten minutes instead of an hour.
FAULTS ?=
SOAK ?=

# Runs a command with the project's Python and the Pulumi CLI on PATH; the CLI is made first where there is none.
# Compiled modules are kept whatever the shell says: else each of some hundred processes compiles the package again.
WITH_PULUMI = exports=$$(.venv/bin/python -m tools.pulumi --env) && eval "$$exports" && \
  unset PYTHONDONTWRITEBYTECODE &&

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1 \2/p' Makefile | awk '{ printf "  %s %-7s", $$1, $$2; $$1 = $$2 = ""; print }'

demo: .venv/ready ## show what a change of the configuration will re-sync, on an emulated Airbyte
	@$(WITH_PULUMI) python -m tools.demo

test: .venv/ready ## run the tests, those with the real Pulumi engine included
	@$(WITH_PULUMI) python -m pytest -n $(WORKERS) --dist load --maxschedchunk 2

check: .venv/ready ## check style and types, and run the tests that need nothing but Python: half a minute
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@.venv/bin/mypy
	@unset PYTHONDONTWRITEBYTECODE && .venv/bin/python -m pytest --pure -q

lint: .venv/ready ## check style, formatting, types, and advisories about the pinned packages
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/python -m tools.audit

wheel: .venv/ready ## build the wheel and the source archive into dist/, and check them
	@rm -rf dist
	@.venv/bin/python -m build --no-isolation >&2
	@.venv/bin/python -m twine check --strict dist/* >&2
	@ls dist/*

bench: .venv/ready ## measure previews, refreshes and updates of many connections
	@$(WITH_PULUMI) python -m tools.bench

proof: .venv/ready ## play random histories and hold the tables against the truth (N=4400 of them)
	@.venv/bin/python -m tools.proof $(N)

mutants: .venv/ready ## break the plan and the catalog in one place after another: what would no test notice?
	@.venv/bin/python -m tools.proof.mutants

faults: .venv/ready ## let every request of every operation fail in every way, then finish the job by one more up
	@.venv/bin/python -m tools.faults $(FAULTS)

soak: .venv/ready ## change 200 resources at random, under random faults, for 20 rounds
	@.venv/bin/python -m tools.soak $(SOAK)

env: .venv/ready ## print what `eval "$(make env)"` needs to use the same Pulumi CLI and Python
	@.venv/bin/python -m tools.pulumi --env

clean: ## remove everything that was made in this folder
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "The cache is left alone: $${AIRBYTE_WB_CACHE:-$$HOME/.cache/pulumi-airbyte-wb}"

# Its messages go to stderr, as the output of `make env` is for a shell.
.venv/ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  found=$$($(PYTHON) -V 2>&1) || found=missing; \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is $$found: run make PYTHON=/path/to/python3.11" >&2; \
	  exit 1; }
	@echo "installing the project's packages into .venv: about a minute, once" >&2
	@$(PYTHON) -m venv .venv >&2
	@export PIP_CACHE_DIR="$${AIRBYTE_WB_CACHE:-$$HOME/.cache/pulumi-airbyte-wb}/pip" PIP_DISABLE_PIP_VERSION_CHECK=1 && \
	  .venv/bin/python -m pip install --quiet -r requirements/dev.txt >&2 && \
	  .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e . >&2
	@touch .venv/ready

.PHONY: help demo test check lint bench proof mutants faults soak wheel env clean
