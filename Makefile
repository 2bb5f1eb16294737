# hipaalint
#
#   make lint DIR=path   install what is missing, build, lint (without DIR: a broken copy of the sample project)
#   make test            the same for the tests
#   make                 build/hipaalint
#   make check           everything that CI runs besides the tests: warnings, layers, sanitizers, format, man pages
#
#   make static          build/static/hipaalint: one file that runs on any Linux of this kind of processor
#   make deb             a Debian package in build/
#   make install         PREFIX=/usr/local, DESTDIR=
#
# VARIANT picks a build directory and flags: release (default), static, asan, tsan, coverage. V=1 shows commands.

VARIANT ?= release
CC ?= gcc
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
DESTDIR ?=
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share
PKG_CONFIG ?= pkg-config
LIBS_PKG = yaml-0.1 tree-sitter libpcre2-8

export LC_ALL = C
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION := $(shell cat VERSION)
ifeq ($(VARIANT),release)
BUILD := build
else
BUILD := build/$(VARIANT)
endif

ifeq ($(V),1)
Q :=
else
Q := @
endif

# ---------------------------------------------------------------- flags
# Nobody asks for errno of a square root, which is one instruction then.
STANDARD = -std=c11 -D_POSIX_C_SOURCE=200809L -fno-math-errno -Isrc -DHIPAALINT_VERSION='"$(VERSION)"'
WARNINGS = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wvla -Wwrite-strings -Wpointer-arith -Wformat=2 -Wundef -fno-common
HARDENING = -fstack-protector-strong -fPIE -ffile-prefix-map=$(CURDIR)=.
# Packed relocations, where the linker knows them: a third of the time and a tenth of the bytes.
PACK_RELOCATIONS = -Wl,-z,pack-relative-relocs
HARDENING_LD = -pie -Wl,-z,relro,-z,now $(shell printf 'int main(void) { return 0; }' | \
	$(CC) -x c - -pie -Wl,--fatal-warnings $(PACK_RELOCATIONS) -o /dev/null 2>/dev/null && echo $(PACK_RELOCATIONS))
ifeq ($(VARIANT),asan)
override CFLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(VARIANT),tsan)
override CFLAGS := -O1 -g -fsanitize=thread
LDFLAGS += -fsanitize=thread
else ifeq ($(VARIANT),libfuzzer)
override CFLAGS := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
LDFLAGS += -fsanitize=address,undefined
else ifeq ($(VARIANT),coverage)
override CFLAGS := -O0 -g --coverage
LDFLAGS += --coverage
else ifeq ($(VARIANT),static)
HARDENING += -D_FORTIFY_SOURCE=2
HARDENING_LD = -static-pie -Wl,-z,relro,-z,now
else
HARDENING += -D_FORTIFY_SOURCE=2
endif
ifeq ($(DEVELOPER),1)
WARNINGS += -Werror
endif
LIBS_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(LIBS_PKG) 2>/dev/null)
# Every shared library costs each start of the program some 70,000 instructions, as many as reading a small file:
# the archives are taken where they are installed. SHARED_LIBS=1 takes the shared libraries, as distributions want it.
archive = $(if $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)),-l:lib$(1).a,-l$(1))
ifeq ($(VARIANT),static)
LIBS_LIBS = $(shell $(PKG_CONFIG) --libs-only-L $(LIBS_PKG) 2>/dev/null) -lyaml -ltree-sitter -lpcre2-8
else ifeq ($(SHARED_LIBS),1)
LIBS_LIBS = $(shell $(PKG_CONFIG) --libs $(LIBS_PKG) 2>/dev/null || echo -lyaml -ltree-sitter -lpcre2-8)
else
LIBS_LIBS = $(shell $(PKG_CONFIG) --libs-only-L $(LIBS_PKG) 2>/dev/null) $(foreach l,yaml tree-sitter pcre2-8,$(call archive,$(l)))
endif
# libm comes last, and only when something is missing without it: as every library, it costs each start.
LIBS_SYSTEM = -Wl,--as-needed -lpthread -lc -lm
COMPILE = $(CC) $(STANDARD) $(WARNINGS) $(HARDENING) $(LIBS_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(HARDENING_LD) $(LDFLAGS)

# ---------------------------------------------------------------- files
SOURCES := $(sort $(wildcard src/*/*.c src/frontend/*/*.c))
TEST_SOURCES := $(filter %_test.c,$(SOURCES))
LIB_SOURCES := $(filter-out %_test.c,$(SOURCES))
LIB_OBJECTS := $(LIB_SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/grammars/hcl/parser.o $(BUILD)/grammars/hcl/scanner.o
TESTS := $(TEST_SOURCES:%.c=$(BUILD)/test/%)
FUZZ_TARGETS := $(patsubst tools/fuzz/%.c,%,$(sort $(wildcard tools/fuzz/fuzz_*.c)))
RULE_FILES := $(sort $(shell find rules -type f -name '*.yaml' -o -type f -path 'rules/data/*' 2>/dev/null))
LIBRARY := $(BUILD)/libhipaalint.a
EMBED := $(BUILD)/pack.o $(BUILD)/pack_data.o

.PHONY: all lint test test-unit test-rules test-golden check fuzz faults truth sbom lint-code format format-check layering asan tsan warnings \
	man-lint bench static deb install uninstall dist clean deps deps-test golden-update

all: $(BUILD)/hipaalint $(BUILD)/rules.md

# ---------------------------------------------------------------- packages
deps:
	$(Q)sh tools/packages.sh build
deps-test:
	$(Q)sh tools/packages.sh test
deps-check:
	$(Q)sh tools/packages.sh check

$(BUILD)/.deps: tools/packages.sh
	$(Q)sh tools/packages.sh build
	$(Q)mkdir -p $(@D) && touch $@

$(BUILD)/.deps-test: tools/packages.sh
	$(Q)sh tools/packages.sh test
	$(Q)mkdir -p $(@D) && touch $@

# ---------------------------------------------------------------- building
$(BUILD)/%.o: %.c | $(BUILD)/.deps
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  CC      $<")
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

# The generated parser is not ours to warn about.
$(BUILD)/grammars/hcl/%.o: grammars/hcl/src/%.c | $(BUILD)/.deps
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  CC      $<")
	$(Q)$(CC) -std=c11 -Igrammars/hcl/src -w $(HARDENING) $(CFLAGS) -MMD -MP -c $< -o $@

$(LIBRARY): $(LIB_OBJECTS)
	$(if $(Q),@echo "  AR      $@")
	$(Q)rm -f $@ && ar rcsD $@ $(LIB_OBJECTS)

$(BUILD)/embed: $(BUILD)/tools/embed.o $(LIBRARY)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(LINK) $(BUILD)/tools/embed.o $(LIBRARY) $(LIBS_LIBS) $(LIBS_SYSTEM) -o $@

# Models and rules as images, and their texts, in one blob, and an index of it as C.
$(BUILD)/pack.c: $(BUILD)/embed $(RULE_FILES)
	$(if $(Q),@echo "  EMBED   rules")
	$(Q)$(BUILD)/embed rules $(BUILD)/pack.c $(BUILD)/pack.bin

$(BUILD)/pack.o: $(BUILD)/pack.c
	$(Q)$(COMPILE) -c $< -o $@

$(BUILD)/pack_data.o: $(BUILD)/pack.c tools/pack_data.S
	$(Q)$(CC) -DPACK_FILE='"$(BUILD)/pack.bin"' -c tools/pack_data.S -o $@

$(BUILD)/hipaalint: $(BUILD)/main.o $(LIBRARY) $(EMBED)
	$(if $(Q),@echo "  LD      $@")
	$(Q)$(LINK) $(BUILD)/main.o $(LIBRARY) $(EMBED) $(LIBS_LIBS) $(LIBS_SYSTEM) -o $@

# The rule reference.
$(BUILD)/rules.md: $(BUILD)/hipaalint
	$(if $(Q),@echo "  RULES   $@")
	$(Q)$(BUILD)/hipaalint rules --format markdown --output $@

$(BUILD)/main.o: src/main.c | $(BUILD)/.deps
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c $< -o $@

$(BUILD)/test/%: %.c $(LIBRARY) $(EMBED) | $(BUILD)/.deps-test
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  TEST    $<")
	$(Q)$(COMPILE) -MMD -MP -MF $@.d $< $(LIBRARY) $(EMBED) $(LDFLAGS) $(HARDENING_LD) $(LIBS_LIBS) -lcmocka $(LIBS_SYSTEM) -o $@

-include $(LIB_OBJECTS:.o=.d) $(BUILD)/main.d $(BUILD)/tools/embed.d $(TESTS:=.d)

# ---------------------------------------------------------------- using
# Without DIR: a broken copy of the radiology project, to try explain and fix on. It is made once.
lint: all
	$(if $(DIR),,$(Q)sh tools/demo.sh $(BUILD)/demo)
	$(Q)$(BUILD)/hipaalint check $(if $(DIR),"$(DIR)",$(BUILD)/demo)

# ---------------------------------------------------------------- testing
test: $(BUILD)/.deps-test
	$(Q)$(MAKE) --no-print-directory all tests
	$(Q)sh tools/run-tests.sh $(BUILD)

tests: $(TESTS) $(FUZZ_TARGETS:%=$(BUILD)/fuzz/%) $(BUILD)/faultio.so $(BUILD)/confine

$(BUILD)/faultio.so: tools/faultio.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O1 -g -Wall -Wextra -shared -fPIC $< -ldl -o $@

$(BUILD)/confine: tools/confine.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O1 -g -Wall -Wextra $< -o $@

# What is in the program, as SPDX.
sbom: all
	$(Q)python3 tools/sbom.py $(BUILD)/hipaalint $(VERSION) >$(BUILD)/hipaalint.spdx.json

# Every fault on every sample project, with every format of report; an hour. CI and `make test` take samples.
faults: all $(BUILD)/faultio.so
	$(Q)python3 tools/faults.py $(BUILD)/hipaalint $(BUILD)/faultio.so --class io --class io-on --class thread --class short \
		--class malloc --class malloc-on --totals $(BUILD)/faults.tsv $(FAULT_PROJECTS)
# Every property on every sample project, and files cut at every byte; minutes.
truth: all
	$(Q)python3 tools/truth.py $(BUILD)/hipaalint --runs 100 --every-byte $(FAULT_PROJECTS)
FAULT_PROJECTS ?= testdata/projects/clinic testdata/robustness/mixed \
	$(patsubst %/,%,$(sort $(wildcard testdata/projects/radiology/*/) $(wildcard testdata/projects/topics/*/)))

# Fuzz targets with the plain driver, which replays testdata/fuzz/<target>/; `make fuzz` builds them for libFuzzer.
$(BUILD)/fuzz/%: tools/fuzz/%.c tools/fuzz/common.c tools/fuzz/project.c tools/fuzz/driver.c tools/fuzz/fuzz.h $(LIBRARY) $(EMBED)
	$(Q)mkdir -p $(@D)
	$(if $(Q),@echo "  FUZZ    $<")
	$(Q)$(COMPILE) -Itools/fuzz $< tools/fuzz/common.c tools/fuzz/project.c tools/fuzz/driver.c $(LIBRARY) $(EMBED) $(LDFLAGS) $(HARDENING_LD) $(LIBS_LIBS) $(LIBS_SYSTEM) -o $@

# make fuzz TARGET=fuzz_yaml SECONDS=600
FUZZ_SECONDS ?= 60
fuzz:
	$(Q)$(MAKE) --no-print-directory CC=clang VARIANT=libfuzzer build/libfuzzer/libhipaalint.a build/libfuzzer/pack.o build/libfuzzer/pack_data.o
	$(Q)mkdir -p build/libfuzzer/bin testdata/fuzz/$(TARGET)
	$(Q)clang $(STANDARD) -Itools/fuzz -g -O1 -fsanitize=fuzzer,address,undefined tools/fuzz/$(TARGET).c tools/fuzz/common.c tools/fuzz/project.c \
		build/libfuzzer/libhipaalint.a build/libfuzzer/pack.o build/libfuzzer/pack_data.o $(LIBS_LIBS) $(LIBS_SYSTEM) -o build/libfuzzer/bin/$(TARGET)
	$(Q)mkdir -p build/libfuzzer/corpus/$(TARGET)
	build/libfuzzer/bin/$(TARGET) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 \
		$(if $(wildcard tools/fuzz/$(TARGET).dict),-dict=tools/fuzz/$(TARGET).dict) build/libfuzzer/corpus/$(TARGET) testdata/fuzz/$(TARGET)

golden-update: all
	$(Q)sh tools/golden.sh $(BUILD)/hipaalint update

check: warnings layering format-check man-lint asan

warnings:
	$(Q)$(MAKE) --no-print-directory DEVELOPER=1 BUILD=build/werror all

layering:
	$(Q)sh tools/layering.sh

format:
	$(Q)clang-format -i $$(sh tools/own-files.sh)

format-check:
	$(Q)sh tools/format-check.sh

man-lint:
	$(Q)sh tools/man-lint.sh

asan:
	$(Q)$(MAKE) --no-print-directory VARIANT=asan test

tsan:
	$(Q)$(MAKE) --no-print-directory VARIANT=tsan all

bench: all
	$(Q)python3 testdata/bench/bench.py $(BUILD)/hipaalint

# ---------------------------------------------------------------- installing
# One program that needs nothing of the machine that it runs on.
static:
	$(Q)$(MAKE) --no-print-directory VARIANT=static all

# Debian's own libraries are shared.
$(BUILD)/hipaalint-shared: $(BUILD)/hipaalint
	$(Q)$(LINK) $(BUILD)/main.o $(LIBRARY) $(EMBED) -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(LIBS_PKG)) $(LIBS_SYSTEM) -o $@

deb: all $(BUILD)/hipaalint-shared
	+$(Q)sh tools/deb.sh $(BUILD)

# What git knows of the tree, with the same bytes each time.
dist:
	$(Q)mkdir -p build
	$(Q)git archive --format=tar --prefix=hipaalint-$(VERSION)/ HEAD | gzip -9n >build/hipaalint-$(VERSION).tar.gz

DOCDIR ?= $(DATADIR)/doc/hipaalint
INSTALLED_DATA = $(DATADIR)/hipaalint $(DOCDIR)
COMPLETION_BASH = $(DATADIR)/bash-completion/completions/hipaalint
COMPLETION_ZSH = $(DATADIR)/zsh/site-functions/_hipaalint
COMPLETION_FISH = $(DATADIR)/fish/vendor_completions.d/hipaalint.fish
MAN_PAGES := $(sort $(wildcard man/*.[157]))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(DATADIR)/hipaalint/schema $(DESTDIR)$(DATADIR)/hipaalint/ci \
		$(DESTDIR)$(DATADIR)/hipaalint/github $(DESTDIR)$(DOCDIR) $(dir $(DESTDIR)$(COMPLETION_BASH)) \
		$(dir $(DESTDIR)$(COMPLETION_ZSH)) $(dir $(DESTDIR)$(COMPLETION_FISH))
	install -m 755 $(BUILD)/hipaalint $(DESTDIR)$(PREFIX)/bin/hipaalint
	for f in $(MAN_PAGES); do d=$(DESTDIR)$(MANDIR)/man$${f##*.} && install -d $$d && install -m 644 $$f $$d/ || exit 1; done
	install -m 644 share/schema/*.json $(DESTDIR)$(DATADIR)/hipaalint/schema/
	install -m 644 share/ci/* $(DESTDIR)$(DATADIR)/hipaalint/ci/
	install -m 644 share/github/problem-matcher.json $(DESTDIR)$(DATADIR)/hipaalint/github/
	install -m 644 LICENSE README.md $(BUILD)/rules.md $(DESTDIR)$(DOCDIR)/
	$(BUILD)/hipaalint completion bash >$(DESTDIR)$(COMPLETION_BASH)
	$(BUILD)/hipaalint completion zsh >$(DESTDIR)$(COMPLETION_ZSH)
	$(BUILD)/hipaalint completion fish >$(DESTDIR)$(COMPLETION_FISH)
	chmod 644 $(DESTDIR)$(COMPLETION_BASH) $(DESTDIR)$(COMPLETION_ZSH) $(DESTDIR)$(COMPLETION_FISH)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/hipaalint $(DESTDIR)$(COMPLETION_BASH) $(DESTDIR)$(COMPLETION_ZSH) $(DESTDIR)$(COMPLETION_FISH)
	rm -rf $(addprefix $(DESTDIR),$(INSTALLED_DATA))
	for f in $(MAN_PAGES); do rm -f $(DESTDIR)$(MANDIR)/man$${f##*.}/$${f##*/}; done

clean:
	rm -rf build
