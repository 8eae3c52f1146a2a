# `make help` lists the targets. Each is a few words around a command that can be typed by hand as well.
ENV ?= demo
export PYTHON ?= python3.11
PY := .venv/bin/python
# What `make up` needs, and what developers need on top of it: two stamps in one virtual environment.
VENV := .venv/.locked
TOOLS := .venv/.locked-with-tools
# Two test processes: a test holds an engine, its program and its stand-in providers, which two cores just carry.
WORKERS ?= 2
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist loadfile
# After a kill: make up REPAIR=1
CONSENT := --yes $(if $(REPAIR),--repair)
.DEFAULT_GOAL := help
.PHONY: help up preview status predict down doctor env tools test test-all cluster cluster-down test-cluster check format format-check lint types documents \
	documents-check golden bench fuzz image-tools lock engine clean

##@ Deploy
up: $(VENV) ## Deploy environment ENV (demo needs no account: the offline engine) and show what changed
	@$(PY) -m fleet up --env $(ENV) $(CONSENT)
preview: $(VENV) ## Show what `make up` would change
	@$(PY) -m fleet preview --env $(ENV)
status: $(VENV) ## Show what stands
	@$(PY) -m fleet status --env $(ENV)
predict: $(VENV) ## Show where MODEL answers and, where it does, send it its warm-up example
	@$(PY) -m fleet predict $(or $(MODEL),fraud) --env $(ENV)
down: $(VENV) ## Destroy environment ENV
	@$(PY) -m fleet down --env $(ENV) $(CONSENT)
doctor: $(VENV) ## Check this machine, the engine, logins, settings and locks
	@$(PY) -m fleet doctor --env $(ENV)
env: $(VENV) ## Print the variables for plain pulumi: eval "$(make -s env STACK=demo-aws-eu-west-1)"
	@$(PY) -m tools.offline env --stack $(or $(STACK),$(error name a stack: make -s env STACK=demo-aws-eu-west-1))

##@ Prove
tools: $(TOOLS) ## Install what check, test and compare of models need (frameworks but PyTorch), and what developers need
test: $(TOOLS) ## Run the tests; the first time the engine is built as well (4 minutes)
	@$(PY) -m tools.offline engine >/dev/null
	@$(PYTEST) -m "not slow and not cluster"
test-all: $(TOOLS) image-tools test-cluster ## Run all tests, the slow ones as well
	@$(PY) -m tools.offline engine >/dev/null
	@$(PYTEST) -m "not cluster"
cluster: $(TOOLS) ## A real Kubernetes control plane with simulated nodes on this machine (built once, with Go)
	@$(PY) -m tools.cluster up
cluster-down: $(TOOLS) ## Take it down
	@$(PY) -m tools.cluster down
test-cluster: $(TOOLS) ## Run the tests that ask a real Kubernetes control plane
	@$(PY) -m tools.cluster build >/dev/null
	@$(PY) -m pytest -n 0 tests/cluster
check: format-check lint types documents-check test ## Everything that must hold before a commit

##@ Keep in order
format: $(TOOLS) ## Lay out the code
	@$(PY) -m ruff format --quiet .
	@$(PY) -m ruff check --fix-only --quiet .
format-check: $(TOOLS)
	@$(PY) -m ruff format --check --quiet .
lint: $(TOOLS) ## Look for mistakes that a linter sees
	@$(PY) -m ruff check --quiet .
types: $(TOOLS) ## Check types, strictly
	@$(PY) -m basedpyright --warnings
documents: $(TOOLS) ## Write the generated documents anew
	@$(PY) -m tools.documents
documents-check: $(TOOLS)
	@$(PY) -m tools.documents --check
golden: $(TOOLS) ## Record the resource graph of every stack file anew, for review in the diff
	@$(PY) -m pytest tests/golden --record-golden
bench: $(TOOLS) ## Run the benchmarks (ratios; never part of a test)
	@$(PY) -m benchmarks
fuzz: $(TOOLS) ## Send the model server 200,000 inputs that nobody would: no 5xx, no hang, no growth
	@$(PY) -m tests.model_images.fuzz --inputs 200000
image-tools: ## Install the foreign programs that the slow tests of the images ask (as root on Debian, with Go)
	@tools/images/make_tools.sh
lock: $(TOOLS) ## Resolve both lock files anew
	@for list in requirements tools/requirements; do \
	  $(PY) -m uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
	    --custom-compile-command "make lock" --output-file $$list.lock $$list.txt || exit; done
engine: $(VENV) ## Find the Pulumi CLI, or build the pinned one
	@$(PY) -m tools.offline engine
clean: ## Remove the virtual environment and the local state of ALL offline environments
	rm -rf .venv .homeport

help: ## Show this
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' Makefile

$(VENV): requirements.lock tools/make_venv.sh
	@rm -f $(TOOLS) && tools/make_venv.sh requirements.lock && touch $@
$(TOOLS): tools/requirements.lock tools/make_venv.sh
	@tools/make_venv.sh tools/requirements.lock && touch $(VENV) $@
