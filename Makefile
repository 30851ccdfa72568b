# `make` alone lists what there is. Everything lives under var/ and .venv/; `make clean` removes it.
# Options by name: make run PORT=9000 · make run ARGS=--once · make test REQUIRE_ALL=1 · make pytest ARGS=tests/registry

PYTHON := .venv/bin/python
LAUNCHER := $(PYTHON) -m config.launcher
COMPILE := $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
           --no-emit-index-url --no-emit-find-links
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev up down status run test pytest lint format types translations migrations shell \
        elasticsearch-up elasticsearch-down bench lock audit clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what the product runs on into .venv/
	@sh bootstrap.sh runtime

setup-dev: ## the same with what tests and linters need
	@sh bootstrap.sh dev

run: setup ## set up, start everything, run the main job on samples/, serve on :8000 (ARGS=--once: do not serve)
	@exec $(LAUNCHER) run $(ARGS)

test: setup-dev ## set up and run every check and test (REQUIRE_ALL=1: what is skipped fails)
	@exec $(LAUNCHER) test $(ARGS)

up: setup ## start PostgreSQL and the broker in the background; var/env says where
	@exec $(LAUNCHER) up

down: ## end the background services
	@exec $$(sh bootstrap.sh --any-python) -m launcher --root . down

status: setup ## say which services answer where
	@exec $(LAUNCHER) status

elasticsearch-up: setup ## start a real Elasticsearch for the tests (needs Java 17 and Maven)
	@exec $(LAUNCHER) elasticsearch up

elasticsearch-down: ## end it
	@exec $$(sh bootstrap.sh --any-python) -m launcher --root . elasticsearch down

pytest: setup-dev ## only the tests (ARGS=tests/registry narrows them)
	@$(LAUNCHER) up > /dev/null
	@exec $(PYTHON) -m pytest $(ARGS)

lint: setup-dev ## ruff and the import contracts
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@.venv/bin/lint-imports

format: setup-dev ## let ruff mend what it can
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

types: setup-dev ## mypy
	@$(LAUNCHER) up > /dev/null
	@exec $(PYTHON) -m mypy --explicit-package-bases .

translations: setup-dev ## bring locale/ up to date with the source and compile it
	@exec $(PYTHON) tests/translations.py update

migrations: setup-dev ## write the migrations that the models ask for
	@$(LAUNCHER) up > /dev/null
	@exec $(PYTHON) manage.py makemigrations

shell: setup ## a Django shell on the embedded services
	@$(LAUNCHER) up > /dev/null
	@exec $(PYTHON) manage.py shell

bench: setup-dev ## run the benchmarks (BENCH=speed ARGS=...: one of them); results as JSON in bench/results/
	@$(LAUNCHER) up > /dev/null
	@for benchmark in bench/$(or $(BENCH),*).py; do $(PYTHON) "$$benchmark" $(ARGS) || exit 1; done

lock: setup-dev ## compile the hashed requirements from the .in files (ARGS=--upgrade: newest versions)
	@for name in requirements requirements-dev requirements-bootstrap; do \
		$(COMPILE) $(ARGS) $$name.in -o $$name.txt || exit 1; done

audit: setup-dev ## look the locked packages up in the advisory databases (needs the network)
	@exec $(PYTHON) -m pip_audit --require-hashes --disable-pip -r requirements.txt

clean: ## end the services and remove every trace
	@exec $$(sh bootstrap.sh --any-python) -m launcher --root . clean
