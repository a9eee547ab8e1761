## make run      see to the packages, build, start the console; ARGS='list --json' for a command
## make test     see to the packages, run all tests
## make          build/dport
## make check    all tests, with what is installed: tests/run, which can also run one (tests/README)
## make bench    time what must be fast
## make fuzz     one fuzz target for longer: NAME=diag TIME=60 (seconds)
## make bpf      the bytes of the programs that run in the kernel, from their sources
## make format   clang-format over every C file
## make deps     install what building and running need (assets/packages); deps-test: the tests too
## make install  program and man pages to $(DESTDIR)$(PREFIX), /usr/local if not said otherwise
## make clean    remove build/
##
## V=1 shows the commands. SHARED=1 leaves all libraries outside of the program, as packagers want.
## MODE=asan and the others below build beside the plain program.

.DEFAULT_GOAL := all
SHELL     := /bin/bash
MAKEFLAGS += --no-print-directory
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
Q := $(if $(V),,@)

PREFIX  ?= /usr/local
VERSION := $(shell sed -n 's/^\#define DPORT_VERSION "\(.*\)"/\1/p' core/base/version.h)

# ---- How it is compiled -----------------------------------------------------------------

CC        := $(if $(filter default,$(origin CC)),gcc,$(CC))
CORE_PKGS := libnl-3.0 jansson libcap libutf8proc
TUI_PKGS  := ncursesw
# What the screens need, which are tested without ncurses.
INNER_PKGS := inih
TEST_PKGS := cmocka

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wwrite-strings -Wconversion
OPT  := -O2 -g
PIE  := -fPIE
HARD := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
SAN  := -O1 -g1 -fno-omit-frame-pointer -fsanitize=address,undefined \
        -fno-sanitize-recover=all

COVER := -fsanitize-coverage=inline-8bit-counters,pc-table

# plain is what users build; tests/run builds the others, where a warning is an error.
MODE := plain
B    := $(if $(filter plain,$(MODE)),build,build/$(MODE))
mode_plain  = $(OPT) $(HARD)
mode_strict = $(OPT) $(HARD) -Werror -g1
mode_asan   = $(SAN) -Werror $(if $(fuzzer),$(COVER))
mode_fuzz   = $(SAN) -fsanitize=fuzzer-no-link
$(if $(mode_$(MODE)),,$(error MODE=$(MODE): it is plain, strict, asan or fuzz))

# Where clang and its fuzzer are installed (FUZZER=y) what has the sanitizers is made with them: one build
# for the tests and for the short runs of the fuzz targets. MODE=fuzz is for longer ones, guided by compares too.
ifneq ($(filter asan fuzz,$(MODE)),)
FUZZER  := $(shell tests/has_fuzzer && echo y)
fuzzer  := $(FUZZER)
endif
ifneq ($(fuzzer),)
CC := clang
LDFLAGS += $(if $(shell command -v ld.lld),-fuse-ld=lld)
endif

# Asked once, and only when something is compiled: the packages may have been installed just before.
pkg_cflags = $(eval pkg_cflags := $$(shell pkg-config --cflags $(CORE_PKGS) $(TUI_PKGS) $(INNER_PKGS)))$(pkg_cflags)
core_libs  = $(eval core_libs := $$(shell pkg-config --libs $(CORE_PKGS)))$(core_libs)
inner_libs = $(eval inner_libs := $$(shell pkg-config --libs $(INNER_PKGS)))$(inner_libs)
tui_libs   = $(eval tui_libs := $$(shell pkg-config --libs $(TUI_PKGS)))$(tui_libs)
test_libs  = $(eval test_libs := $$(shell pkg-config --libs $(TEST_PKGS)))$(test_libs)

# What users build has these inside, where their archives are installed: finding, mapping and binding
# them is an eighth of `dport list`, and each fork copies the mappings. They need nothing but libc.
INSIDE := ncursesw tinfo nl-3 jansson cap utf8proc inih
archive_of = $(filter /%,$(shell $(CC) -print-file-name=lib$(1:-l%=%).a))
inside = $(and $(filter plain,$(MODE)),$(if $(SHARED),,inside),$(filter $(INSIDE:%=-l%),$(1)),$(archive_of))
program_libs = $(foreach l,$(tui_libs) $(inner_libs) $(core_libs),$(or $(call inside,$(l)),$(l)))

base_cflags = -std=gnu11 -D_GNU_SOURCE $(WARN) -I. $(pkg_cflags) $(CPPFLAGS)
all_cflags  = $(base_cflags) $(mode_$(MODE)) $(PIE) -MMD -MP $(CFLAGS)
all_ldflags = -pie -Wl,--as-needed -Wl,-z,relro -Wl,-z,now $(LDFLAGS)
compile     = $(CC) $(all_cflags) -c -o $@ $<
compile_and_link = $(CC) $(all_cflags) $(all_ldflags) -o $@ $<
say         = $(Q)mkdir -p $(@D); printf '  %-5s %s\n'

# ---- What there is ----------------------------------------------------------------------

# What runs in the kernel: `make bpf` makes the bytes that are compiled in.
bpf_src    := $(sort $(wildcard core/host/bpf/*.bpf.c))
core_src   := $(filter-out $(bpf_src),$(sort $(wildcard core/*/*.c core/*/*/*.c)))
capture_src := $(sort $(wildcard capture/*.c))
tui_src    := $(sort $(wildcard tui/*.c tui/*/*.c tui/*/*/*.c))
unit_src   := $(sort $(wildcard tests/unit/test_*.c))
screen_src := $(sort $(wildcard tests/screens/test_*.c))
net_src    := $(sort $(wildcard tests/net/test_*.c))
fuzz_src   := $(sort $(wildcard tests/fuzz/fuzz_*.c))
test_src   := $(sort $(wildcard tests/*/*.c))
all_src    := $(core_src) $(capture_src) $(tui_src) $(test_src)
all_headers := $(wildcard core/*/*.h core/*/*/*.h capture/*.h tui/*.h tui/*/*.h tui/*/*/*.h tests/*/*.h)
man_pages  := $(wildcard assets/man/*.[1-8])

objects = $(patsubst %.c,$(B)/%.o,$(1))
# These open the terminal or the host; the screens are tested without them, so without ncurses.
tui_outer := tui/main.c tui/cli.c tui/app.c tui/terminal/term.c
tui_inner := $(filter-out $(tui_outer),$(tui_src))

all: $(B)/dport $(if $(wildcard assets/man/dport.1.in),$(B)/man/dport.1)

$(B)/dport: $(call objects,$(tui_src)) $(B)/libcapture.a $(B)/libcore.a
	$(say) LINK $@
	$(Q)$(CC) $(all_cflags) $(all_ldflags) -o $@ $^ $(program_libs)

$(B)/libcore.a: $(call objects,$(core_src))
$(B)/libcapture.a: $(call objects,$(capture_src))
$(B)/libtui.a: $(call objects,$(tui_inner))
$(B)/lib%.a:
	$(say) AR $@
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/%.o: %.c Makefile | $(B)/libraries
	$(say) CC $<
	$(Q)$(compile)

# One sentence about what is not installed, in place of a page about headers.
$(B)/libraries: Makefile
	$(Q)mkdir -p $(@D)
	$(Q)pkg-config --exists --print-errors $(CORE_PKGS) $(TUI_PKGS) $(INNER_PKGS) || \
		{ echo 'Libraries are missing. "make deps" installs them on Debian.' >&2; exit 1; }
	$(Q)touch $@

# The keys in the man page come from the program's own table.
$(B)/man/dport.1: assets/man/dport.1.in $(B)/dport
	$(say) MAN $@
	$(Q)$(B)/dport --help-keys-roff >$@.keys
	$(Q)sed -e '/^@KEYS@$$/{r $@.keys' -e 'd}' -e 's/@VERSION@/$(VERSION)/g' $< >$@.new
	$(Q)mv $@.new $@ && rm $@.keys

# ---- Packages ---------------------------------------------------------------------------

sections_run  := run|build
sections_test := run|build|test

deps: build/deps-run ; @:
deps-test: build/deps-test ; @:

# Asked again only when the list or what is installed has changed.
build/deps-%: assets/packages $(wildcard /var/lib/dpkg/status)
	$(Q)mkdir -p $(@D); \
	want=$$(awk '/^\[/ { on = /^\[($(sections_$*))\]/ } on && /^[a-z0-9]/ { print $$1 }' $< | sort -u); \
	if ! command -v apt-get dpkg-query >/dev/null; then \
		echo "  DEPS  no apt here; these Debian packages, or their like, are needed:" $$want; exit 0; fi; \
	installed() { dpkg-query -Wf '$${db:Status-Status} $${Package}\n' $$want 2>/dev/null | sed -n 's/^installed //p' | sort -u; }; \
	missing=$$(comm -23 <(echo "$$want") <(installed)); \
	if [ -n "$$missing" ]; then \
		[ "$$(id -u)" = 0 ] && as_root= || as_root=$$(command -v sudo) || { \
			echo "  DEPS  as root: apt-get install -y" $$missing; exit 0; }; \
		echo "  DEPS  installing" $$missing; \
		$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
			$$missing >$@.log 2>&1 </dev/null || { tail -n 20 $@.log; \
			echo '  DEPS  this failed; is the list of packages old ("apt-get update")?' >&2; exit 1; }; \
		rm -f $@.log; \
	fi; touch $@

# ---- What people type -------------------------------------------------------------------

run: deps
	+$(Q)$(MAKE) all
	$(Q)exec $(B)/dport $(ARGS)

test: deps-test
	+$(Q)$(MAKE) check

check:
	$(Q)tests/run

bench: $(B)/dport $(patsubst %.c,$(B)/%,$(wildcard tests/bench/*.c))
	$(Q)tests/bench/run

TIME := 60
fuzz:
	$(Q)[ -n "$(NAME)" ] || { echo "NAME= one of: $(fuzz_src:tests/fuzz/fuzz_%.c=%)"; exit 2; }
	$(Q)tests/run --fuzz-seconds $(TIME) fuzz/$(NAME)

format:
	$(Q)clang-format -i $(all_src) $(bpf_src) $(all_headers)

# Only after a change in a *.bpf.c: its bytes are checked in.
bpf: $(bpf_src:%.bpf.c=build/%.made)
build/%.made: %.bpf.c %.bpf.h core/host/bpf/make_code
	$(say) BPF $<
	$(Q)core/host/bpf/make_code $(notdir $*)
	$(Q)touch $@

install: all
	$(Q)install -Dm755 $(B)/dport $(DESTDIR)$(PREFIX)/bin/dport
	$(Q)for page in $(man_pages) $(wildcard $(B)/man/dport.1); do \
		install -Dm644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done

clean:
	$(Q)rm -rf build

help:
	$(Q)sed -n 's/^## \?//p' Makefile

# ---- What tests/run builds --------------------------------------------------------------

# The unit tests link without ncurses and pcap: the law of the rooms, kept by the linker.
$(B)/tests/unit/test_%: tests/unit/test_%.c $(B)/libcapture.a $(B)/libcore.a Makefile
	$(say) CC $<
	$(Q)$(compile_and_link) $(B)/libcapture.a $(B)/libcore.a $(core_libs) $(test_libs)

$(B)/tests/net/test_%: tests/net/test_%.c $(B)/libcapture.a $(B)/libcore.a Makefile
	$(say) CC $<
	$(Q)$(compile_and_link) $(B)/libcapture.a $(B)/libcore.a $(core_libs) $(test_libs)

$(B)/tests/screens/test_%: tests/screens/test_%.c $(B)/libtui.a $(B)/libcore.a Makefile
	$(say) CC $<
	$(Q)$(compile_and_link) $(B)/libtui.a $(B)/libcore.a $(inner_libs) $(core_libs) $(test_libs)

# Those that judge as the program does are linked with core.
$(B)/tests/net/rules_%: tests/net/rules_%.c $(B)/libcore.a Makefile
	$(say) CC $<
	$(Q)$(compile_and_link) $(B)/libcore.a $(core_libs)

# Programs that the scripts in tests/net start.
$(B)/tests/net/%: tests/net/%.c Makefile | $(B)/libraries
	$(say) CC $<
	$(Q)$(compile_and_link)

$(B)/tests/bench/%: tests/bench/%.c Makefile | $(B)/libraries
	$(say) CC $<
	$(Q)$(compile_and_link) $(tui_libs)

# clang's fuzzer; where it is not, and in MODE=strict, a small driver of our own.
fuzz_engine := $(if $(fuzzer),-fsanitize=fuzzer,$(B)/tests/fuzz/main.o)
$(B)/tests/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(filter %.o,$(fuzz_engine)) $(B)/libtui.a $(B)/libcapture.a $(B)/libcore.a Makefile
	$(say) CC $<
	$(Q)$(compile_and_link) $(fuzz_engine) $(B)/libtui.a $(B)/libcapture.a $(B)/libcore.a $(inner_libs) $(core_libs)

# Every C file as clang reads it, but those of which it makes the programs with the sanitizers.
by_clang := $(if $(FUZZER),$(filter tests/net/% tests/bench/%,$(all_src)),$(all_src))
syntax: $(by_clang:%.c=build/clang/%.ok)
build/clang/%.ok: %.c Makefile | $(B)/libraries
	$(say) CLANG $<
	$(Q)clang $(base_cflags) -Werror -fsyntax-only -MMD -MP -MF $(@:.ok=.d) -MT $@ $<
	$(Q)touch $@

.PHONY: all deps deps-test run test check bench bpf fuzz format install clean help syntax
.DELETE_ON_ERROR:
.SECONDARY:
-include $(patsubst %.c,$(B)/%.d,$(all_src)) $(if $(filter syntax,$(MAKECMDGOALS)),$(by_clang:%.c=build/clang/%.d))
