# pg_gray: the extension with PGXS; gateway/ and demo/ have Makefiles of their own.
#
#   make deps          install what is missing from Debian's packages
#   make               build the extension and the gateway
#   make install       install both (DESTDIR is honoured)
#   make test          everything: deps, build, all tests, in a private server
#   make soak          the gateway under valgrind with a load at random: ACTIONS=3000, GRAY_SEED
#   make test-sanitize the gateway's tests, with AddressSanitizer and UndefinedBehaviorSanitizer
#   make installcheck  the SQL tests against a running server, the PGXS way
#   make random        the test of random schemas, at length: ROUNDS=5000 GRAY_SEED=…
#   make fuzz          libFuzzer on the gateway's parsers, FUZZ_SECONDS=30 each
#   make demo          the shop's scenario; KEEP=1 leaves it running
#   make bench-clone   times clones of up to 1,000 tables; see bench/clone
#   make bench-first-write  what the fence costs a fresh session; see bench/first-write
#   make bench-own-tables   moves with tables that only version 2 has; see bench/own-tables
#   make bench-engine  times moves and the fence; see bench/engine
#   make bench-gateway what a request costs, beside nginx and HAProxy; see bench/gateway
#   make format        clang-format over all C files
#   make check-format  are they as make format leaves them?
#   make clean
#
# WERROR=1 builds everything with -Wall -Wextra -Werror.

EXTENSION  = pg_gray
MODULE_big = pg_gray
OBJS       = $(patsubst %.c,%.o,$(wildcard routing/*.c pg_gray/*.c pg_gray/*/*.c))

# The version is kept in pg_gray.control alone.
VERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" pg_gray.control)
SCRIPT  := sql/pg_gray--$(VERSION).sql
DATA     = $(SCRIPT) $(wildcard sql/pg_gray--*--*.sql)

REGRESS        = $(patsubst regress/sql/%.sql,%,$(sort $(wildcard regress/sql/*.sql)))
ISOLATION      = $(patsubst regress/specs/%.spec,%,$(sort $(wildcard regress/specs/*.spec)))
REGRESS_OPTS   = --inputdir=regress --outputdir=regress/output
ISOLATION_OPTS = --inputdir=regress --outputdir=regress/output_iso --launcher='dev/with-fixture $(bindir)/psql'
EXTRA_CLEAN    = $(SCRIPT) regress/output regress/output_iso regress/tmp_check

# Calls within the library are bound when it is linked: a session that loads it has less to look up.
SHLIB_LINK = -Wl,-Bsymbolic-functions

# Headers are named from the repository's root, and from the folder of the half.
PG_CPPFLAGS = -iquote . -iquote pg_gray

ifdef WERROR
PG_CFLAGS   = -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Werror
# PostgreSQL's own headers are not free of what -Wextra warns of.
PG_CPPFLAGS += -isystem $(includedir_server)
endif

PG_CONFIG ?= $(firstword $(wildcard /usr/lib/postgresql/15/bin/pg_config) pg_config)
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(PGXS),)
all: $(SCRIPT) all-gateway

# No bitcode: it is optional, and a build should not need clang.
override with_llvm = no
include $(PGXS)

ifdef WERROR
# gcc drops what it finds in a macro of a system header, even a call of an undeclared function.
# So each file is read once more with PostgreSQL's headers as our own, and without the three
# warnings that they are not free of.
%.o: %.c
	$(CC) $(CFLAGS) -Wno-unused-parameter -Wno-sign-compare -Wno-strict-prototypes \
		$(subst -isystem,-I,$(CPPFLAGS)) -fsyntax-only $<
	$(COMPILE.c) $(OUTPUT_OPTION) $<
endif

# PGXS knows no header dependencies; every object may read every header.
$(OBJS): $(wildcard routing/*.h pg_gray/*/*.h) Makefile

install: install-gateway
else
# A bare machine: only the targets that install the packages first can work.
all install installcheck:
	@echo "make: PostgreSQL's server headers are missing ($(PG_CONFIG)); try: make deps" >&2; exit 1
clean:
	rm -rf $(OBJS) pg_gray.so $(EXTRA_CLEAN)
endif

# cp -f replaces a file that another user left behind.
$(SCRIPT): sql/pg_gray.sql pg_gray.control
	cp -f $< $@

all-gateway:
	$(MAKE) -C gateway
install-gateway: all-gateway
	$(MAKE) -C gateway install
clean: clean-gateway
clean-gateway:
	$(MAKE) -C gateway clean
	$(MAKE) -C demo clean

deps:
	dev/deps

# After deps a new make, since this one may have read the file on a bare machine.
test: deps
	dev/deps clang-format
	dev/as-owner $(MAKE) -j$$(nproc) all
	dev/as-owner $(MAKE) -C demo
	dev/as-owner $(MAKE) -j$$(nproc) -C gateway tests
	dev/as-user dev/test

soak: deps
	dev/deps valgrind
	dev/as-owner $(MAKE) all
	dev/as-user dev/soak

test-sanitize: deps
	dev/as-owner $(MAKE) all
	dev/as-owner $(MAKE) -C demo
	dev/as-owner $(MAKE) -C gateway sanitized
	dev/as-user dev/sanitize

# Prints the seed of each schema that fails, and all that was done to it.
random: deps
	dev/as-owner $(MAKE) all
	ROUNDS=$(or $(ROUNDS),5000) dev/as-user dev/test regress/t/090_random_schemas.pl

# FUZZ_SECONDS reaches the gateway's Makefile by itself.
fuzz: deps
	dev/deps clang libclang-rt-14-dev
	dev/as-owner $(MAKE) -s -C gateway fuzz

demo: deps
	dev/as-owner $(MAKE) -s all
	dev/as-owner $(MAKE) -s -C demo
	dev/as-user demo/run

bench-clone: deps
	dev/as-owner $(MAKE) all
	dev/as-user bench/clone

bench-first-write: deps
	dev/as-owner $(MAKE) all
	dev/as-user bench/first-write

bench-own-tables: deps
	dev/as-owner $(MAKE) all
	dev/as-user bench/own-tables

bench-engine: deps
	dev/as-owner $(MAKE) all
	dev/as-user bench/engine

bench-gateway: deps
	dev/deps nginx-light haproxy wrk
	dev/as-owner $(MAKE) all
	dev/as-user bench/gateway

format:
	dev/deps clang-format
	dev/check-format -i

check-format:
	dev/deps clang-format
	dev/check-format

.PHONY: all all-gateway install-gateway clean-gateway deps test soak test-sanitize random fuzz demo bench-clone bench-first-write bench-own-tables bench-engine bench-gateway format check-format
