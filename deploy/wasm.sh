#!/bin/sh
# Compile the decoders to WebAssembly, and that to machine code for Lambda: wasm.sh install|make|check
# `install` fetches the tools. `check` compares the results with the committed files, byte by byte.
set -eu
export LC_ALL=C # the result depends on the order of the C files
zig=.zig imaging=src/imagemill/imaging processors="aarch64 x86_64"
decoder=$imaging/fastjpeg/decoder.wasm png=$imaging/fastpng/png.wasm

install() {
  "$BIN/uv" pip install --quiet --target $zig --require-hashes -r locks/wasm.lock
  for processor in $processors; do
    tools=$zig/$processor
    mkdir -p $tools
    # The wasmtime of the resizer: its machine code must be compiled by the same version.
    awk '/^[^ ]/ { here = /^wasmtime==/ } here' locks/resize.lock >$tools/wasmtime.lock
    "$BIN/uv" pip install --quiet --target $tools --python-platform $processor-manylinux_2_28 --only-binary :all: \
      --no-deps --require-hashes -r $tools/wasmtime.lock
  done
}

cc() {
  PYTHONPATH=$zig "$BIN/python" -m ziglang cc "$@"
}

# Compile aot.c, which compiles a decoder for one processor, linked with wasmtime for that processor.
compile_aot() {
  for processor in $processors; do
    cc -target $processor-linux-gnu.2.28 -std=c17 -O1 -s -Wall -Wextra -Werror deploy/aot.c \
      "$PWD/$zig/$processor/wasmtime/linux-$processor/_libwasmtime.so" -o $zig/$processor/aot
  done
}

# compile MODULE SOURCE...
compile() {
  module=$1
  shift
  cc --target=wasm32-freestanding -std=c17 -O2 -Wall -Wextra -Werror -Wno-ignored-attributes \
    -fno-strict-aliasing -fwrapv -fno-sanitize=all -msimd128 -mbulk-memory -mnontrapping-fptoint -msign-ext \
    -nostdlib -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 "$@" -o "$module"
}

compile_modules() {
  compile $zig/decoder.wasm $imaging/fastjpeg/*.c
  compile $zig/png.wasm $imaging/fastpng/*.c $imaging/fastjpeg/memory.c
}

case $1 in
  install) install ;;
  make)
    compile_aot
    compile_modules
    cp $zig/decoder.wasm $decoder
    cp $zig/png.wasm $png
    "$BIN/python" deploy/aot.py make $zig
    ;;
  check)
    compile_aot
    compile_modules
    cmp $zig/decoder.wasm $decoder
    cmp $zig/png.wasm $png
    "$BIN/python" deploy/aot.py check $zig
    ;;
esac
