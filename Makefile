# Two commands do everything on a machine with Python 3.11 or newer and make:
#   make up      the whole pipeline on this machine, with an image processed on the way
#   make test    every test
# The rest is for those who change imagemill; `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
TYPESCRIPT_VERSION := 7.0.2
READY := $(VENV)/.ready
ARCH ?= arm64
LAMBDA_PYTHON ?= 3.13
LAMBDA_PLATFORM = $(if $(filter x86_64,$(ARCH)),x86_64,aarch64)-manylinux_2_28
COMPILE := --quiet --generate-hashes --no-header --no-annotate
ZIG := .zig
DECODER := src/imagemill/imaging/fastjpeg
WASM_FLAGS := --target=wasm32-freestanding -std=c17 -O2 -Wall -Wextra -Werror -Wno-ignored-attributes \
	-fno-strict-aliasing -fwrapv -fno-sanitize=all -msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext \
	-nostdlib -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536
CC_ZIG = PYTHONPATH=$(ZIG) $(BIN)/python -m ziglang cc
WASM = $(CC_ZIG) $(WASM_FLAGS) $(sort $(wildcard $(DECODER)/*.c))
AOT := $(ZIG)/aarch64/aot $(ZIG)/x86_64/aot
FOR_LAMBDA := --python-version 3.13 --python-platform aarch64-manylinux_2_28 -c locks/dev.lock
TOOLS := .tools
SAM := SAM_CLI_TELEMETRY=0 $(TOOLS)/sam/bin/sam
SAMCONFIG ?= samconfig.toml
BUILD ?= .aws-sam/build
STAGE ?= dev

.DEFAULT_GOAL := help
.PHONY: help setup up build deploy rehearse audit sbom test check check-page screenshots bench measure correctness fuzz chaos mutate wasm wasm-check format lock docs template clean build-ResizeImageFunction build-ApiImageUploadFunction

help: ## list what make can do
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## create .venv and install everything into it

$(READY): locks/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "imagemill needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r locks/dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(READY)

up: setup ## run the whole pipeline on this machine; ARGS="--port 4600" and the like
	$(BIN)/imagemill up --sample $(ARGS)

test: setup ## run every test; ARGS="-k orientation" and the like
	$(BIN)/python -m pytest $(ARGS)

check: setup check-page ## run the linters: ruff, mypy, import-linter, cfn-lint, tsc
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cfn-lint template.yaml

audit: $(TOOLS)/audit/.ready $(TOOLS)/checkov/.ready ## look for unsafe settings in the template and known vulnerabilities in the locks; ARGS=--strict
	LOG_LEVEL=ERROR $(TOOLS)/checkov/bin/checkov --file template.yaml --framework cloudformation \
		--skip-download --compact --quiet
	$(BIN)/python deploy/audit.py $(ARGS) $(TOOLS)/audit/bin/pip-audit locks/*.lock

sbom: $(TOOLS)/audit/.ready ## write dist/sbom: what the functions are made of, as CycloneDX
	@mkdir -p dist/sbom
	for function in resize api; do \
		PYTHONWARNINGS=ignore $(TOOLS)/audit/bin/cyclonedx-py requirements --pyproject pyproject.toml \
			--output-reproducible --output-file dist/sbom/$$function.cdx.json locks/$$function.lock; \
	done

bench: setup ## write docs/performance.md, peers measured beside us; ARGS="--files DIR" for other photos
	$(BIN)/python -m benchmarks $(ARGS)
	$(MAKE) docs

measure: setup ## measure what batches bill and how bursts drain, for docs/cost.md and docs/scaling.md
	$(BIN)/python -m benchmarks.billed
	$(BIN)/python -m benchmarks.burst
	$(MAKE) docs

check-page: ## check the types of the gallery's modules, where npm is there
	@if command -v npm >/dev/null; then npm exec --yes --package=typescript@$(TYPESCRIPT_VERSION) -- tsc -p web/jsconfig.json; \
	else echo "check-page: skipped, npm is not installed"; fi

screenshots: setup ## take images of the gallery for docs/
	PYTHONPATH=tests $(BIN)/python tests/e2e/screenshots.py docs

correctness: setup ## write docs/correctness.md, peers measured beside us; ARGS="--files DIR" for more images
	$(BIN)/python -m benchmarks.correctness $(ARGS) --out docs/correctness.md

fuzz: setup ## throw broken images at the decoders (Linux); ARGS="-max_total_time=600" for longer
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/fuzz.lock
	$(BIN)/python fuzz/render.py $(or $(ARGS),-runs=2000 -seed=1)
	$(BIN)/python fuzz/jpeg.py $(or $(ARGS),-runs=2000 -seed=1)

wasm: $(AOT) ## compile the sandboxed decoder anew from its C, and its machine code for Lambda
	$(WASM) -o $(DECODER)/decoder.wasm
	$(BIN)/python deploy/aot.py make $(ZIG)

wasm-check: $(AOT) ## see whether the committed decoder and its machine code are, bit by bit, what its C gives
	$(WASM) -o $(ZIG)/decoder.wasm
	cmp $(ZIG)/decoder.wasm $(DECODER)/decoder.wasm
	$(BIN)/python deploy/aot.py check $(ZIG)

# For each of Lambda's processors wasmtime as the function has it, and a program that compiles by it.
$(AOT): $(ZIG)/%/aot: deploy/aot.c $(ZIG)/%/.ready $(ZIG)/.ready
	$(CC_ZIG) -target $*-linux-gnu.2.28 -std=c17 -O1 -s -Wall -Wextra -Werror $< \
		$(abspath $(@D))/wasmtime/linux-$*/_libwasmtime.so -o $@

$(AOT:aot=.ready): $(ZIG)/%/.ready: locks/resize.lock | setup
	@mkdir -p $(@D)
	awk '/^[^ ]/ { here = /^wasmtime==/ } here' $< >$(@D)/wasmtime.lock
	$(BIN)/uv pip install --quiet --target $(@D) --python-platform $*-manylinux_2_28 --only-binary :all: \
		--no-deps --require-hashes -r $(@D)/wasmtime.lock
	@touch $@

$(ZIG)/.ready: locks/wasm.lock | setup
	$(BIN)/uv pip install --quiet --target $(ZIG) --require-hashes -r locks/wasm.lock
	@touch $@

chaos: setup ## run the pipeline under injected faults and audit it; SEED=1 FILES=300 for another run, TROUBLES=stalled,deferred for certain faults
	$(BIN)/python tests/chaos/run.py

# The results of a part are renewed one module at a time; a whole run begins without results.
mutate: setup ## change the pipeline's code in one place at a time and count the changes no test notices; MODULE=imagemill.aws.buckets for a part
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/mutation.lock
	$(if $(MODULE),,rm -rf mutants)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/mutmut run $(if $(MODULE),"$(MODULE).*") $(ARGS)
	$(BIN)/python -m benchmarks.mutants

format: setup ## let ruff format and mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup ## renew the locked versions from pyproject.toml, and what is taken from botocore
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --upgrade --universal --python-version 3.11 \
		--all-extras --group dev -o locks/dev.lock
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) $(FOR_LAMBDA) --extra resize -o locks/resize.lock
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) $(FOR_LAMBDA) --extra api --no-emit-package pillow \
		-o locks/api.lock
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --universal --python-version 3.11 -c locks/dev.lock \
		--group fuzz -o locks/fuzz.lock
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --universal --python-version 3.11 -c locks/dev.lock \
		--group mutation -o locks/mutation.lock
	$(BIN)/uv pip compile --group pyproject.toml:wasm $(COMPILE) --universal --python-version 3.11 -o locks/wasm.lock
	for tool in sam checkov audit; do \
		$(BIN)/uv pip compile $(COMPILE) --universal --python-version 3.11 --upgrade \
			--group pyproject.toml:$$tool -o locks/$$tool.lock; \
	done
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r locks/dev.lock
	$(BIN)/python deploy/trim_botocore.py > models.json.new
	mv models.json.new src/imagemill/aws/models.json

docs: setup ## renew docs/cli.md, openapi.json, the tables of cost and scaling, and the diagram
	$(BIN)/python -m typer imagemill.cli.app utils docs --name imagemill --title Commands --output docs/cli.md
	$(BIN)/python -m imagemill.functions.api > openapi.json.new
	mv openapi.json.new openapi.json
	$(BIN)/python -m benchmarks.sheets
	$(BIN)/python docs/diagrams/architecture.py docs

template: setup ## write template.yaml from the parts in template/
	$(BIN)/python deploy/compose_template.py template template.yaml

clean: ## remove what make made; images and records stay
	rm -rf $(VENV) $(ZIG) mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis .aws-sam

# Tools with pins of their own live in .tools, each at the versions of its lock.
$(TOOLS)/%/.ready: locks/%.lock | $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $<
	@touch $@

build: $(TOOLS)/sam/.ready ## build the functions for Lambda; ARCH=x86_64 for the other machine
	@env -u MAKEFLAGS -u MFLAGS ARCH=$(ARCH) LAMBDA_PYTHON=$(LAMBDA_PYTHON) \
		$(SAM) build --config-file "$(abspath $(SAMCONFIG))" --build-dir "$(BUILD)" \
		--parameter-overrides Architecture=$(ARCH)

# The stage says for which machine, so that what is built and what is deployed cannot differ.
deploy: override ARCH = $(shell $(BIN)/python deploy/stage.py "$(SAMCONFIG)" $(STAGE))
deploy: build ## build and deploy a stage of samconfig.toml; STAGE=prod ARGS="--no-confirm-changeset"
	$(SAM) deploy --config-file "$(abspath $(SAMCONFIG))" --config-env $(STAGE) \
		--template-file "$(BUILD)/template.yaml" $(ARGS)

rehearse: $(TOOLS)/sam/.ready ## install, update, break and remove a stack with the SAM CLI, on the embedded AWS; ARGS=FILE for a part
	$(BIN)/python -m pytest --timeout 1200 $(or $(ARGS),tests/deploy)

# `sam build` calls these two with ARTIFACTS_DIR; the wheels are the Lambda's, whatever this host is.
build-ResizeImageFunction: LOCK := locks/resize.lock
build-ResizeImageFunction: BUDGET_MIB := 96
build-ApiImageUploadFunction: LOCK := locks/api.lock
build-ApiImageUploadFunction: BUDGET_MIB := 24
build-ResizeImageFunction build-ApiImageUploadFunction: setup
	$(BIN)/uv pip install --quiet --target "$(ARTIFACTS_DIR)" --link-mode copy --only-binary :all: --no-deps \
		--require-hashes --python-version $(LAMBDA_PYTHON) --python-platform $(LAMBDA_PLATFORM) -r $(LOCK)
	cp -R src/imagemill "$(ARTIFACTS_DIR)/"
	$(BIN)/python deploy/artifact.py prune "$(ARTIFACTS_DIR)"
	sh deploy/bytecode.sh "$(ARTIFACTS_DIR)" $(LAMBDA_PYTHON) $(BIN)/uv
	@$(BIN)/python deploy/artifact.py decoder "$(ARTIFACTS_DIR)" $(ARCH)
	$(BIN)/python deploy/artifact.py normalize "$(ARTIFACTS_DIR)"
	@$(BIN)/python deploy/artifact.py check "$(ARTIFACTS_DIR)" $(ARCH) $(LAMBDA_PYTHON) $(BUDGET_MIB)
