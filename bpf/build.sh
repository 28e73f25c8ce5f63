#!/bin/sh
# Compiles the eBPF programs to the object file named by the first argument
# (default: bpf/sluice.bpf.o, which is committed and embedded in the executables).
# The same compiler gives the same bytes wherever the tree lies.
set -eu
cd "$(dirname "$0")"
out=${1:-sluice.bpf.o}
clang=${CLANG:-clang}
"$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
	-idirafter "/usr/include/$(uname -m)-linux-gnu" -ffile-prefix-map="$PWD=." \
	-c src/sluice.bpf.c -o "$out"
# Drops DWARF; BTF and its line numbers stay. The tool is the compiler's own twin.
"$(dirname "$("$clang" -print-prog-name=clang)")/llvm-objcopy" --strip-debug "$out"
