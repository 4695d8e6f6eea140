# `make test` is what a merge is judged by; `make demo` shows the main job. `make help` lists the rest.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

WEB := signaling/web
BROWSERS := loadtests/browsers
DELEGATES ?= 10
FUZZ_SECONDS ?= 300
SEEDS ?= 200
MINUTES ?= 240
QUIET_MINUTES ?= 60

# cargo-nextest runs the same tests faster; it is used where installed and never required.
CARGO_TEST := $(if $(shell command -v cargo-nextest),cargo nextest run --locked --workspace --no-tests=pass,cargo test --locked --workspace --quiet)

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup-build web-build ## Start a meeting with simulated delegates on this machine (DELEGATES=10)
	cargo build --locked --workspace
	./target/debug/lika demo --delegates $(DELEGATES)

# A test that lacks a program or a right of the machine says so and passes; with this it fails.
test: export LIKA_TEST_EVERYTHING := 1

.PHONY: test
test: ## Everything that must hold: formatting, lints, licences, unit, web and browser tests
	@sh deploy/setup/debian build browsers authority
	@$(MAKE) format-check web lint licences rust-test browser-test
	@echo "make test: every step passed"

.PHONY: rust-test
rust-test: web-build ## Tests of the four crates, and that the generated TypeScript is current
	$(CARGO_TEST)

.PHONY: web
web: web-build ## Check, test and build the page
	npm --prefix $(WEB) run check
	npm --prefix $(WEB) test

# The page is embedded in the binary, so cargo needs it built first; built anew only after a change, since cargo would
# then compile the binary anew too. Directories are newer when a file has gone.
.PHONY: web-build
web-build: $(WEB)/dist/index.html

$(WEB)/dist/index.html: $(WEB)/node_modules/.package-lock.json $(WEB)/index.html $(wildcard $(WEB)/*.config.* $(WEB)/*.json) $(shell find $(WEB)/src)
	npm --prefix $(WEB) run build

.PHONY: browser-test
browser-test: setup-browsers web-build $(BROWSERS)/node_modules/.package-lock.json $(BROWSERS)/.venv/.installed ## The page in Chromium; meetings between real browsers and simulated delegates
	@# The programs as the tests have built them: built alone they would compile every dependency again, with other features.
	cargo test --locked --workspace --no-run --quiet
	npm --prefix $(WEB) run test:browser
	npm --prefix $(BROWSERS) test

.PHONY: operations-test
operations-test: setup-operations web-build ## Alert rules by promtool; a real Prometheus reads a real lika; lika behind nginx, Caddy and HAProxy
	@# Built as for the tests, see browser-test.
	cargo test --locked --workspace --no-run --quiet
	deploy/prometheus/test
	deploy/proxies/test

.PHONY: api-test
api-test: web-build signaling/tests/api/.venv/.installed ## The API against its document: what schemathesis sends is answered as the document says
	@# The program as the tests have built it, as for the browsers.
	cargo test --locked --workspace --no-run --quiet
	signaling/tests/api/.venv/bin/python signaling/tests/api/schemathesis target/debug/lika

.PHONY: quiet-hours
quiet-hours: web-build ## A healthy meeting of forty in virtual time, no amber, no red: ten hours at the judge, an hour through the relay
	LIKA_QUIET_HOURS=10 cargo test --locked --release -p lika --lib -- --nocapture healthy_meeting_of_forty
	LIKA_QUIET_PEOPLE=40 LIKA_QUIET_MINUTES=$(QUIET_MINUTES) cargo test --locked --release -p lika --test quiet -- --nocapture healthy

.PHONY: judge-cost
judge-cost: web-build ## What judging a second of forty people costs the server
	cargo test --locked --release -p lika --lib -- --ignored --nocapture cost_of_a_second

.PHONY: lint
lint: web-build ## Clippy with warnings as errors
	cargo clippy --locked --workspace --all-targets --quiet -- -D warnings

.PHONY: licences
licences: ## Licences, banned crates and sources of every dependency (deny.toml)
	@sh deploy/setup/licences

.PHONY: bench
bench: ## Measure the relay on one core: 40 participants, 3 open microphones
	cargo build --locked --release -p lika-loadtests
	./target/release/lika-loadtests bench --participants 40 --kbps 150 --pps 20 --microphones 3 --seconds 20

.PHONY: bench-wide
bench-wide: ## The same with 132,000 packets a second of 1100 bytes: 30 send to 40
	cargo build --locked --release -p lika-loadtests
	./target/release/lika-loadtests bench --publishers 30 --participants 40 --kbps 968 --pps 110 --microphones 0 --seconds 20

.PHONY: bench-largest
bench-largest: ## Search for the largest meeting that the relay carries on one core
	cargo build --locked --release -p lika-loadtests
	./target/release/lika-loadtests bench --largest --seconds 10

.PHONY: bench-junk
bench-junk: ## A meeting while 200,000 junk datagrams a second reach the relay's port
	cargo build --locked --release -p lika-loadtests
	./target/release/lika-loadtests bench --junk 200000 --seconds 10

.PHONY: package
package: setup-build web-build ## Debian packages of lika and lika-loadtests, in target/debian
	@# The whole workspace, as every other build: alone they would compile every dependency again, with other features.
	cargo build --locked --release --workspace
	deploy/package/build

.PHONY: package-test
package-test: ## Install the packages in a clean Debian by the runbooks' commands, use them, remove them (needs root)
	@sh deploy/setup/debian package operations
	python3 deploy/package/test.py

.PHONY: container
container: setup-build web-build ## The container image, of the program in target/release
	cargo build --locked --release --workspace
	deploy/container/build

.PHONY: container-test
container-test: ## Run the image read only between two network namespaces (needs root, podman and runc)
	@sh deploy/setup/debian container
	LIKA_OCI_RUNTIME=runc python3 deploy/container/test.py

.PHONY: sim
sim: ## Simulated meetings over lines that change at random, SEEDS of them; a long one of MINUTES; 500 who come and go
	SEEDS=$(SEEDS) MINUTES=$(MINUTES) cargo test --locked --release -p lika-sfu --test sweep --test endurance -- --nocapture

.PHONY: fuzz
fuzz: ## Run every fuzz target FUZZ_SECONDS each (needs cargo-fuzz); what they find goes to target/fuzz
	@command -v cargo-fuzz >/dev/null || { echo "fuzz: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@for manifest in $$(git ls-files '*/fuzz/Cargo.toml'); do \
		crate=$$(dirname $$(dirname $$manifest)); \
		for target in $$(cd $$crate && cargo fuzz list); do \
			echo "fuzz: $$crate $$target, $(FUZZ_SECONDS) s"; \
			found=$(CURDIR)/target/fuzz/$$target; mkdir -p $$found $$crate/fuzz/corpus/$$target; \
			(cd $$crate && cargo fuzz run -s none $$target $$found fuzz/corpus/$$target -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1) || exit 1; \
		done; \
	done

.PHONY: fmt
fmt: $(WEB)/node_modules/.package-lock.json $(BROWSERS)/node_modules/.package-lock.json ## Format everything
	cargo fmt --all
	npm --prefix $(WEB) run format
	npm --prefix $(BROWSERS) run format

.PHONY: format-check
format-check: $(BROWSERS)/node_modules/.package-lock.json
	cargo fmt --all --check
	npm --prefix $(BROWSERS) run check

.PHONY: clean
clean: ## Remove everything built
	rm -rf target $(WEB)/node_modules $(WEB)/dist $(BROWSERS)/node_modules $(BROWSERS)/.venv

.PHONY: setup-build setup-browsers setup-operations
setup-build:
	@sh deploy/setup/debian build
setup-browsers:
	@sh deploy/setup/debian browsers
setup-operations:
	@sh deploy/setup/debian operations

%/.venv/.installed: %/requirements.txt
	python3 -m venv --clear $*/.venv
	$*/.venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	touch $@

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund
