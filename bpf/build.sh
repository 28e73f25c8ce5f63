#!/bin/sh
# Compiles the eBPF programs to sluice.bpf.o, lsm.bpf.o and flows.bpf.o in the folder named by
# the first argument (default: bpf, where they are committed; the executables
# embed them). The same compiler gives the same bytes wherever the tree lies.
set -eu
cd "$(dirname "$0")"
out=${1:-.}
clang=${CLANG:-clang}
for object in sluice lsm flows; do
	"$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
		-idirafter "/usr/include/$(uname -m)-linux-gnu" -ffile-prefix-map="$PWD=." \
		-c "src/$object.bpf.c" -o "$out/$object.bpf.o"
	# Drops DWARF; BTF and its line numbers stay. The tool is the compiler's own twin.
	"$(dirname "$("$clang" -print-prog-name=clang)")/llvm-objcopy" --strip-debug "$out/$object.bpf.o"
done
