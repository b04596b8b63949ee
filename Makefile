# The verbs of this project. `make` alone lists them.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
BIN := .venv/bin
EMBEDDED := $(BIN)/python -m helpdesk.embedded
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test proof faults diagrams lint bench messages secrets requirements clean
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

install: ## make .venv and install the pinned packages
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed and $(PYTHON) was not found." \
		"On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) helpdesk/embedded/install.py requirements.txt

install-dev: ## the same with the packages for tests and checks
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed and $(PYTHON) was not found." \
		"On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) helpdesk/embedded/install.py requirements.txt requirements-dev.txt

run: install ## start everything in this terminal (PORT=8000, HOST=127.0.0.1, HELPDESK_VAR=var); Ctrl-C stops it
	@HELPDESK_STOP_WITH_PARENT=1 exec $(EMBEDDED) up

demo: install ## show it in three minutes: a day that plays on a virtual clock (PORT=8000; in var/demo, never your data)
	@HELPDESK_STOP_WITH_PARENT=1 exec $(EMBEDDED) demo

test: install-dev ## run the tests on throw-away services (ARGS="-k name")
	@exec $(BIN)/python -m tests $(ARGS)

proof: install-dev ## the long form: hundreds of random stories against the model, hundreds of rounds of each race
	@PROOF=long exec $(EMBEDDED) with -- $(BIN)/python -m pytest tests/escalation/test_model.py \
		tests/escalation/test_races.py tests/escalation/test_routing_model.py $(ARGS)

faults: install-dev ## kill, freeze and starve a whole helpdesk for ten minutes; figures go to benchmarks/results/faults.md
	@FAULTS=long exec $(EMBEDDED) with -- $(BIN)/python -m pytest tests/faults $(ARGS)

lint: install-dev ## check style, the arrow between the apps, and that no migration is missing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(EMBEDDED) with -- $(BIN)/python manage.py makemigrations --check --dry-run

bench: install ## run the benchmarks on throw-away services (ARGS="--help")
	@exec $(EMBEDDED) with -- $(BIN)/python -m benchmarks $(ARGS)

diagrams: install ## draw the state machine of the floors, read from the code, into docs/promises.md
	@exec $(EMBEDDED) with -- $(BIN)/python manage.py draw_states docs/promises.md

messages: install ## bring the Italian and Portuguese catalogues up to date with the sources (needs GNU gettext)
	@exec $(EMBEDDED) with -- sh -c '$(BIN)/python manage.py makemessages -l it -l pt --add-location=file --no-wrap \
		-i .venv -i var && $(BIN)/python manage.py compilemessages -l it -l pt -i .venv -i var'

secrets: ## make the random passwords that docker-compose.yml reads from secrets/
	@$(PYTHON) docker/make_secrets.py

requirements: install-dev ## pin requirements*.in anew, with hashes
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q --upgrade --generate-hashes --strip-extras \
		--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links requirements.in
	CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile -q --upgrade --generate-hashes --strip-extras \
		--allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links requirements-dev.in

clean: ## remove .venv and caches; your data in var/ stays
	rm -rf .venv .ruff_cache .pytest_cache .import_linter_cache .coverage htmlcov .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
