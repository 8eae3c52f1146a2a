# `make help` lists the targets. Each is a few words around a command that can be typed by hand as well.
ENV ?= demo
export PYTHON ?= python3.11
PY := .venv/bin/python
VENV := .venv/requirements.lock
# Two test processes: a test holds an engine, its program and its stand-in providers, which two cores just carry.
WORKERS ?= 2
.DEFAULT_GOAL := help
.PHONY: help up preview status down env doctor test test-all check format lint types documents golden bench lock engine clean

##@ Deploy
up: $(VENV) ## Deploy environment ENV (demo needs no account: the offline engine) and show what changed
	@$(PY) -m fleet up --env $(ENV) --yes
preview: $(VENV) ## Show what `make up` would change
	@$(PY) -m fleet preview --env $(ENV)
status: $(VENV) ## Show what stands
	@$(PY) -m fleet status --env $(ENV)
down: $(VENV) ## Destroy environment ENV
	@$(PY) -m fleet down --env $(ENV) --yes
doctor: $(VENV) ## Check this machine, the engine, logins, settings and locks
	@$(PY) -m fleet doctor --env $(ENV)
env: $(VENV) ## Print the variables for plain pulumi: eval "$$(make -s env STACK=demo-aws-eu-west-1)"
	@$(PY) -m tools.offline env --stack $(STACK)

##@ Prove
test: $(VENV) ## Run the tests (under 6 minutes; the first time the engine is built as well)
	@$(PY) -m tools.offline engine >/dev/null
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile -m "not slow"
test-all: $(VENV) ## Run all tests, the slow ones as well
	@$(PY) -m tools.offline engine >/dev/null
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile
check: format-check lint types documents test ## Everything that must hold before a commit

##@ Keep in order
format: $(VENV) ## Lay out the code
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix-only --quiet .
format-check: $(VENV)
	@$(PY) -m ruff format --check .
lint: $(VENV) ## Look for mistakes that a linter sees
	@$(PY) -m ruff check .
types: $(VENV) ## Check types, strictly
	@$(PY) -m basedpyright --warnings
documents: $(VENV) ## Fail when a generated document lags behind its source (documents-write makes them anew)
	@$(PY) -m tools.documents --check
documents-write: $(VENV)
	@$(PY) -m tools.documents
golden: $(VENV) ## Record the resource graph of every stack file anew, for review in the diff
	@$(PY) -m pytest tests/golden --record-golden
bench: $(VENV) ## Run the benchmarks (ratios, never part of a test)
	@$(PY) -m benchmarks
lock: $(VENV) ## Resolve requirements.lock anew
	@$(PY) -m uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    --custom-compile-command "make lock" --output-file requirements.lock tools/requirements.txt
engine: $(VENV) ## Find the Pulumi CLI, or build the pinned one
	@$(PY) -m tools.offline engine
clean: ## Remove the virtual environment and the local state of ALL offline environments
	rm -rf .venv .homeport

help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

$(VENV): requirements.lock tools/make_venv.sh
	@tools/make_venv.sh
