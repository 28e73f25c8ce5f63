# Sluice: what there is to make. Everything is built in one configuration, release.
.DEFAULT_GOAL := help
.PHONY: help deps bpf build build-tests docs lint format test check-bpf test-swift fuzz faults soak e2e matrix demo bench bench-datapath bench-cluster install uninstall clean

PREFIX ?= /usr/local
SHARE := $(DESTDIR)$(PREFIX)/share
# shell:file, where each shell looks for completions.
COMPLETIONS := bash:bash-completion/completions/sluice zsh:zsh/site-functions/_sluice \
	fish:fish/vendor_completions.d/sluice.fish
FUZZ_RUNS ?= 100000
# A release's tag such as v0.1.0 without its v, or tag, commits since and commit, or the commit alone.
export SLUICE_VERSION ?= $(patsubst v%,%,$(shell git describe --tags --match 'v*' --always --dirty 2>/dev/null || echo 0.1.0))
# How much `make bench` measures; the shorter forms leave docs/ alone.
BENCH ?= full
FAULTS_SECONDS ?= 60
SOAK_SECONDS ?= 600

help: ## print this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

deps: ## install what Debian 12 lacks beside the Swift toolchain (root, if anything is missing)
	@bash .ci/install-dependencies

bpf: ## compile the eBPF programs to bpf/*.bpf.o, which are committed
	bpf/build.sh

build: deps ## build sluiced and sluice into .build/release
	swift build -c release

build-tests: deps ## build everything else that tests run, too
	swift build -c release --build-tests

lint: ## check the form of Swift, C and every shell script
	@bash .ci/install-dependencies lint
	@git ls-files | grep -v '[.]swift$$' | xargs grep -lIE '^#!.*(bash|sh)$$|^# shellcheck shell=' | xargs shellcheck
	@clang-format --dry-run --Werror $$(git ls-files 'bpf/*.[ch]')
	@! git grep -nE '^ *@Test( |$$|\(arguments)' -- 'Tests/*.swift' || { echo "name these tests with a sentence: @Test(\"…\")"; exit 1; }
	@swift format lint --strict --parallel --recursive Sources Tests Package.swift

format: ## give Swift and C the form that lint asks for
	@clang-format -i $$(git ls-files 'bpf/*.[ch]')
	@swift format format --in-place --parallel --recursive Sources Tests Package.swift

test: deps check-bpf fuzz test-swift ## everything: object, unit and kernel tests, fuzzing (root)

test-swift:
	@[ "$$(id -u)" = 0 ] || { echo "the kernel tests attach programs and make cgroups: run as root" >&2; exit 1; }
	Tests/run --all

e2e: ## the agent and its manifests against a real API server, which is built first if need be (root)
	@[ "$$(id -u)" = 0 ] || { echo "the end-to-end test attaches programs and makes cgroups: run as root" >&2; exit 1; }
	@bash .ci/install-dependencies end-to-end
	@Tests/EndToEnd/control-plane >/dev/null
	Tests/run --filter EndToEndTests

matrix: ## the kernel tests on Linux 5.10, 6.1, 6.12 in virtual machines, and on this one (root; MATRIX=--long)
	@[ "$$(id -u)" = 0 ] || { echo "the kernel tests attach programs and make cgroups: run as root" >&2; exit 1; }
	@bash .ci/install-dependencies matrix
	swift build -c release --build-tests
	@Tests/Matrix/run $(MATRIX)

check-bpf: ## rebuild the eBPF programs and compare them with the committed object
	@built=$$(mktemp -d) && trap 'rm -r "$$built"' EXIT && bpf/build.sh "$$built" && \
	for object in sluice lsm flows; do cmp "$$built/$$object.bpf.o" bpf/$$object.bpf.o || exit; done && \
	echo "bpf/*.bpf.o are what bpf/src says"

fuzz: deps ## fuzz what reads manifests, API answers, kubeconfigs, requests and kernel records, guided by coverage (FUZZ_RUNS=100000)
	Tests/Fuzz/run $(FUZZ_RUNS)

faults: deps ## a minute of kills, tampering and full disks beside traffic (FAULTS_SECONDS=60 SEED=n UPGRADE_FROM=revision; root)
	@[ "$$(id -u)" = 0 ] || { echo "faults attach programs and make cgroups: run as root" >&2; exit 1; }
	@predecessor=$$($(if $(UPGRADE_FROM),Tests/EnforcementTests/Faults/build-revision $(UPGRADE_FROM),true)) && \
	FAULTS_SECONDS=$(FAULTS_SECONDS) SLUICE_SEED=$(SEED) FAULTS_PREDECESSOR=$$predecessor \
	Tests/run --filter EnforcementTests.FaultsTests

soak: deps ## a million flows, 100,000 DNS answers, 10,000 pods: cost and memory must stay (SOAK_SECONDS=600 SEED=n; root)
	@[ "$$(id -u)" = 0 ] || { echo "the soak attaches programs and makes cgroups: run as root" >&2; exit 1; }
	SOAK_SECONDS=$(SOAK_SECONDS) SLUICE_SEED=$(SEED) Tests/run --filter EnforcementTests.SoakTests

demo: build ## throw-away pods, real servers, real denials: a story in a minute's reading (root)
	@Tests/Demo/run

bench: build ## everything beside its alternatives, to docs/benchmarks.md: 25 minutes, or BENCH=smoke|short|long (root)
	@bash .ci/install-dependencies benchmarks
	for tool in bench-datapath bench-cluster bench-report; do swift build -c release --product $$tool || exit; done
	Tests/Benchmarks/run $(BENCH) $(if $(filter smoke short,$(BENCH)),.build/benchmarks,docs)

bench-datapath: deps ## the kernel's own nanoseconds per packet, side by side (root)
	swift run -c release bench-datapath --kernel-only

bench-cluster: deps ## the agent beside 100,000 pods: first sync, memory, one change's way (root)
	swift build -c release --product bench-cluster
	.build/release/bench-cluster recorded
	@bash .ci/install-dependencies end-to-end
	Tests/Benchmarks/with-api-server .build/release/bench-cluster real

docs: ## make the API documentation of the targets that compute only, in .build/docs
	@docs/build-api

install: build ## copy executables, completions and the configuration below PREFIX (/usr/local)
	install -D -t $(DESTDIR)$(PREFIX)/bin .build/release/sluiced .build/release/sluice
	ln -sf sluice $(DESTDIR)$(PREFIX)/bin/kubectl-sluice
	install -D -m 644 manifests/base/config.yaml $(SHARE)/sluice/config.yaml
	for file in $(COMPLETIONS); do \
		install -D -m 644 /dev/null $(SHARE)/$${file#*:} && \
		.build/release/sluice completion $${file%%:*} > $(SHARE)/$${file#*:} || exit; done

uninstall: ## remove what install copied
	cd $(DESTDIR)$(PREFIX)/bin && rm -f sluiced sluice kubectl-sluice
	rm -rf $(SHARE)/sluice
	cd $(SHARE) && rm -f $(foreach file,$(COMPLETIONS),$(lastword $(subst :, ,$(file))))

clean: ## remove what was built; pins and cgroups are sluice cleanup's
	rm -rf .build
