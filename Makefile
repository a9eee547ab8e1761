# make run: build and start the console. make test: run all tests. make help lists the rest.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := all
SHELL = /bin/bash

B      ?= build
CC     ?= gcc
PKGS   = ncursesw libnl-3.0 jansson libcap libutf8proc inih
WARN   = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
         -Wwrite-strings -Wconversion
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
OPT    ?= -O2 -g
VERSION := $(shell sed -n 's/^\#define DPORT_VERSION "\(.*\)"/\1/p' core/base/version.h 2>/dev/null)

# Asked of pkg-config only once something is compiled: the packages may have been installed just before.
pkg_cflags = $(eval pkg_cflags := $(shell pkg-config --cflags $(PKGS)))$(pkg_cflags)
core_libs  = $(eval core_libs := $(shell pkg-config --libs libnl-3.0 jansson libcap libutf8proc inih))$(core_libs)
tui_libs   = $(eval tui_libs := $(shell pkg-config --libs ncursesw))$(tui_libs)

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE $(OPT) $(WARN) $(HARDEN) -I. $(pkg_cflags) -MMD -MP $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,--as-needed -Wl,-z,relro $(LDFLAGS)

core_src := $(wildcard core/*/*.c core/*/*/*.c)
tui_src  := $(wildcard tui/*.c tui/view/*.c)
core_obj := $(core_src:%.c=$(B)/%.o)
tui_obj  := $(tui_src:%.c=$(B)/%.o)
unit_src := $(wildcard tests/unit/test_*.c)
unit_bin := $(unit_src:%.c=$(B)/%)
all_src   = $(core_src) $(tui_src) $(wildcard tests/*/*.c tests/*.c)

Q ?= @

all: $(B)/dport

$(B)/dport: $(tui_obj) $(B)/libcore.a
	$(Q)echo "  LD    $@"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(tui_obj) $(B)/libcore.a $(tui_libs) $(core_libs)

$(B)/libcore.a: $(core_obj)
	$(Q)rm -f $@
	$(Q)ar rcs $@ $^

$(B)/%.o: %.c
	$(Q)mkdir -p $(@D)
	$(Q)echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

# Unit tests of core link without ncurses and pcap: the law of the rooms, kept by the linker.
$(B)/tests/unit/test_%: tests/unit/test_%.c $(B)/libcore.a
	$(Q)mkdir -p $(@D)
	$(Q)echo "  CC    $<"
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $< $(B)/libcore.a $(core_libs) -lcmocka

unit: $(unit_bin)
	$(Q)for t in $^; do ./$$t || exit 1; done

clean:
	$(Q)rm -rf build

format:
	$(Q)clang-format -i $(all_src) $(wildcard core/*/*.h tui/*.h tui/view/*.h tests/*/*.h)

.PHONY: all unit clean format
-include $(core_obj:.o=.d) $(tui_obj:.o=.d) $(unit_bin:=.d)
