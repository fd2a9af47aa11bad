# Paydesk's commands; `make` prints them.
# Needs Python 3.11 or later with venv, and git. uv is used where it is there.

export PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test check cardtesting chaos contract matrix deliveries isolation verified rebinding recurring races canary rewrap words format bench bench-scale lighthouse screens requirements clean checks

help: # print this list
	@echo "make …"
	@sed -n 's/^\([a-z-]*\):.*# \(.*\)/  \1	\2/p' Makefile | expand -t 16

setup: # make .venv with .venv/bin/paydesk in it
	@scripts/setup

run: setup # set everything up and watch a checkout being paid (ONCE=1: then end)
	@$(BIN)/paydesk demo $(if $(filter-out 0,$(ONCE)),--once)

test: # set up and run everything: form, lint, types, import arrows, all tests (PROCESSES=3)
	@scripts/setup tests
	@$(MAKE) --no-print-directory checks
	@$(BIN)/pytest -n $(or $(PROCESSES),3) --dist loadfile --no-loadscope-reorder

check: # the quick half of it: form, lint, types, import arrows, tests without a browser
	@scripts/setup tests
	@$(MAKE) --no-print-directory checks
	@$(BIN)/pytest -n 2 --dist loadfile -q --ignore=tests/journeys

checks:
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

chaos: # kill programs under load for minutes (KILLS=50, SEED=1) and see that no money is lost
	@scripts/setup tests
	@$(BIN)/python tests/chaos.py --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

races: # collide thousands of requests (KEYS, TRANSACTIONS, CHECKOUTS; 1000 each) and judge what is left
	@scripts/setup tests
	@$(BIN)/python tests/races.py --keys $(or $(KEYS),1000) --transactions $(or $(TRANSACTIONS),1000) --checkouts $(or $(CHECKOUTS),1000)

deliveries: # deliver EVENTS=100000 webhooks while the worker is killed KILLS=50 times; none may be missing
	@scripts/setup tests
	@$(BIN)/python tests/deliveries.py --events $(or $(EVENTS),100000) --kills $(or $(KILLS),50) --seed $(or $(SEED),1)

recurring: # charge PAYMENTS=10000 due payments by two workers that are killed KILLS=10 times; each once
	@scripts/setup tests
	@$(BIN)/python tests/recurring.py --payments $(or $(PAYMENTS),10000) --kills $(or $(KILLS),10) --seed $(or $(SEED),1)

isolation: # deliver EVENTS=3000 webhooks, RATE=50 a second, to 100 receivers, five of which are down
	@scripts/setup tests
	@$(BIN)/python tests/isolation.py --events $(or $(EVENTS),3000) --rate $(or $(RATE),50)

verified: # deliver EVENTS=10000 webhooks and have each verified, as sent and with one bit changed
	@scripts/setup tests
	@$(BIN)/python tests/verified.py --events $(or $(EVENTS),10000) --seed $(or $(SEED),1)

rebinding: # call a name TIMES=1000 times that leads elsewhere each time, in a network of its own
	@scripts/setup tests
	@$(BIN)/python tests/rebinding.py --times $(or $(TIMES),1000)

canary: # pay with marked cards (PAYMENTS=5000) and search the whole disk for them; plant secrets in logs
	@scripts/setup tests
	@$(BIN)/python tests/canary.py --payments $(or $(PAYMENTS),5000)

rewrap: # rotate the master key under CARDS=100000 cards while payers pay (RATE=20 a second)
	@scripts/setup tests
	@$(BIN)/python tests/rewrap.py --cards $(or $(CARDS),100000) --rate $(or $(RATE),20)

cardtesting: # have testers try CARDS=10000 stolen cards while HONEST=1000 payers pay; who gets through?
	@scripts/setup tests
	@$(BIN)/python tests/cardtesting.py --cards $(or $(CARDS),10000) --honest $(or $(HONEST),1000)

words: # bring the catalogues of all languages up to date with what the pages say
	@scripts/setup tests
	@$(BIN)/python tests/sentences.py

matrix: # go through all combinations of scheme, version, browser and issuer's answer (3-D Secure)
	@scripts/setup tests
	@MATRIX=whole $(BIN)/pytest -q tests/journeys/test_authentication_matrix.py

contract: # send the API much more of what its document allows and forbids (EXAMPLES=200, SEED=1)
	@scripts/setup tests
	@EXAMPLES=$(or $(EXAMPLES),200) SEED=$(or $(SEED),1) $(BIN)/pytest -q tests/api_contract

format: # put the source into its form
	@scripts/setup tests
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: setup # measure create, page, pay, order, refund and webhooks beside their limits; writes var/bench
	@$(BIN)/python -m bench

bench-scale: setup # measure lists and create in a database of 1,000,000 checkouts (6 GB of disk)
	@$(BIN)/python -m bench.scale

lighthouse: setup # what Lighthouse says of the open page on a phone on a slow line (fetches 186 MB once)
	@$(BIN)/python -m bench.lighthouse

screens: # photograph every page in both themes, on a phone and a desktop; writes var/screens
	@scripts/setup tests
	@$(BIN)/python tests/screens.py

requirements: # compile requirements/*.in anew (with uv)
	@scripts/compile-requirements

clean: # remove .venv and caches; what lies in var/ stays
	@rm -rf .venv .*_cache .hypothesis
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
