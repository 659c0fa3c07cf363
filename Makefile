# Slicehouse: `make demo` and `make test` are all a fresh machine needs.

SWIFT ?= swift
PREFIX ?= /usr/local

# All flags that change the code the compiler makes stand here; see README, "How it is built".
# `-Xcc -march=…` changes Swift's own code too: decode, masks and compares run 2 to 5 times faster
# than at the x86-64 baseline. `make PORTABLE=1` builds for the baseline.
CPU_LEVEL := $(shell ./scripts/cpu-level)
ifeq ($(PORTABLE)$(CPU_LEVEL),)
CPU_FLAGS :=
else ifneq ($(PORTABLE),)
CPU_FLAGS :=
else
CPU_FLAGS := -Xcc -march=$(CPU_LEVEL)
endif
# `-enable-testing` lets the tests run against the very modules that ship, in release: debug loops
# run hundreds of times slower. No difference beyond noise: TPC-H ratios to DuckDB of 0.69 without
# it and of 0.67 to 0.73 with it, in runs at other times.
RELEASE := -c release $(CPU_FLAGS) -Xswiftc -enable-testing
# Start-up: 1.4-2.2 ms with the runtime linked statically, 3-11 ms without.
STATIC := --static-swift-stdlib

SOURCES := Sources Tests Package.swift

.PHONY: all dependencies demo test check torture lint bench bench-plans format docs install clean

all: dependencies
	$(SWIFT) build $(RELEASE) $(STATIC) --product slicehouse

dependencies:
	@./scripts/install-dependencies

demo: all
	./scripts/demo

test: dependencies
	$(SWIFT) build $(RELEASE) --build-tests
	$(SWIFT) test $(RELEASE) --skip-build

lint:
	$(SWIFT) format lint --strict --recursive $(SOURCES)

check: lint all test docs
	./scripts/smoke

# The long forms of the tests that try to break it: about two hours.
torture: all
	$(SWIFT) build $(RELEASE) --build-tests
	SLICEHOUSE_FAULT_STRIDE=1 SLICEHOUSE_POWER_CUT_STATES=10000 SLICEHOUSE_HISTORY_SECONDS=600 \
		$(SWIFT) test $(RELEASE) --skip-build \
		--filter 'CommitFaultTests|PowerCutTests|HistoryTests|SpillFaultTests'
	$(SWIFT) build $(RELEASE) $(STATIC) --product slicehouse
	./scripts/torture-kill --cycles 500
	./scripts/torture-flips --flips 10000
	./scripts/torture-space --rounds 20

bench: all
	./Benchmarks/run

bench-plans: all
	./Benchmarks/run plans

format:
	$(SWIFT) format --in-place --recursive $(SOURCES)

docs: dependencies
	./scripts/docs

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 .build/release/slicehouse $(DESTDIR)$(PREFIX)/bin/slicehouse
	install -m 644 docs/slicehouse.1 $(DESTDIR)$(PREFIX)/share/man/man1/slicehouse.1

clean:
	rm -rf .build .build-docs docs/api Benchmarks/data Benchmarks/env demo-warehouse
