#!/bin/sh
# Compiles one of the comparison programs beside this script: build.sh SOURCE OBJECT.
# The flags are those of bpf/build.sh, so that only the code differs.
set -eu
source=$1
out=$2
cd "$(dirname "$0")"
"${CLANG:-clang}" -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -Wno-unused-parameter \
	-idirafter "/usr/include/$(uname -m)-linux-gnu" -I ../../../bpf/include -c "$source" -o "$out"
