#!/bin/sh
# Compile libjxl to WebAssembly, and that to machine code for Lambda: jxl.sh fetch|make|check
# `fetch` gets the sources. `check` compares the results with the committed files, byte by byte. The compiler is that of
# wasm.sh. Takes six minutes of CPU time.
set -eu
export LC_ALL=C # the result depends on the order of the files
root=$PWD zig=$PWD/.zig package=src/imagemill/imaging/jxl processors="aarch64 x86_64"
src=$zig/jxl/src out=$zig/jxl/out
features="has_sse3 has_ssse3 has_sse41 has_sse42 has_popcnt has_avx has_avx2 has_fma has_bmi1 has_bmi2 has_lzcnt"

# The commits are those of libjxl 0.12.0 and of the versions that it names as submodules.
fetch() {
  checkout libjxl https://github.com/libjxl/libjxl a7a9c787341cf703dede03c2009fa460cae5e5df lib
  checkout highway https://github.com/google/highway 457c891775a7397bdb0376bb1031e6e027af1c48 hwy
  checkout brotli https://github.com/google/brotli 028fb5a23661f123017c060daa546b55cf4bde29 c
}

# checkout NAME URL COMMIT FOLDER: git verifies the content by the commit.
checkout() {
  [ -d "$src/$1/$4" ] && return
  mkdir -p "$src/$1"
  git -C "$src/$1" init --quiet
  git -C "$src/$1" fetch --quiet --depth 1 --filter=blob:none "$2" "$3"
  git -C "$src/$1" checkout --quiet FETCH_HEAD -- "$4"
}

# The headers that libjxl's build writes.
configure() {
  headers=$src/generated/jxl
  mkdir -p "$headers"
  for name in jxl jxl_cms; do
    upper=$(echo $name | tr a-z A-Z)
    printf '#define %s_EXPORT\n#define %s_NO_EXPORT\n#define %s_DEPRECATED\n' "$upper" "$upper" "$upper" \
      >"$headers/${name}_export.h"
  done
  sed 's/@JPEGXL_MAJOR_VERSION@/0/; s/@JPEGXL_MINOR_VERSION@/12/; s/@JPEGXL_PATCH_VERSION@/0/' \
    "$src/libjxl/lib/jxl/version.h.in" >"$headers/version.h"
}

# The sources of decoder and encoder, as libjxl lists them, of Brotli, and of the wrapper.
sources() {
  (cd "$src" && awk '/^set\(JPEGXL_INTERNAL_(DEC|DEC_JPEG|DEC_BOX|ENC)_SOURCES/ { on = 1 } /^\)/ { on = 0 }
    on && /\.cc$/ { print "libjxl/lib/" $1 }' libjxl/lib/jxl_lists.cmake
    ls brotli/c/common/*.c brotli/c/dec/*.c brotli/c/enc/*.c highway/hwy/aligned_allocator.cc highway/hwy/abort.cc
    ls wrapper/*.cc wrapper/*.c)
}

# zigcc cc|c++ ARGUMENT...
zigcc() {
  PYTHONPATH=$zig "$BIN/python" -m ziglang "$@"
}

# compile SOURCE: relative to the folder of the sources, so that no path of this machine gets into the module.
compile() {
  object=$out/$(echo "$1" | tr / _).o
  case $1 in
    *.cc) language="c++ -std=c++17 -fno-exceptions -fno-rtti" ;;
    *) language="cc -std=c17" ;;
  esac
  case $1 in
    wrapper/*) warnings="-Wall -Wextra -Werror" ;;
    *) warnings=-w ;;
  esac
  # shellcheck disable=SC2086 # lists of options
  (cd "$src" && zigcc $language $warnings --target=wasm32-wasi -O2 -g0 -fno-sanitize=all -msimd128 -mbulk-memory \
    -mnontrapping-fptoint -msign-ext -fno-strict-aliasing -fwrapv -ffunction-sections -fdata-sections -DNDEBUG \
    -DHWY_COMPILE_ONLY_STATIC=1 -DJXL_STATIC_DEFINE -DJXL_CMS_STATIC_DEFINE -DJPEGXL_ENABLE_TRANSCODE_JPEG=1 \
    -DJPEGXL_ENABLE_BOXES=1 -DJPEGXL_ENABLE_SKCMS=0 -Ilibjxl -Igenerated -Ilibjxl/lib/include -Ihighway \
    -Ibrotli/c/include -c "$1" -o "$object")
}

compile_module() {
  configure
  rm -rf "$out" "$src/wrapper"
  mkdir -p "$out"
  cp -R "$root/$package" "$src/wrapper"
  sources | xargs -P 2 -I '{}' env BIN="$BIN" sh "$root/deploy/jxl.sh" compile '{}'
  zigcc c++ --target=wasm32-wasi -mexec-model=reactor -O2 -Wl,--no-entry -Wl,--strip-all -Wl,--gc-sections \
    -Wl,-z,stack-size=2097152 "$out"/*.o -o "$zig/jxl/jxl.wasm"
}

# Machine code of the module for each processor; wasm.sh has made the programs that compile it.
compile_machine_code() {
  for processor in $processors; do
    run=
    chosen=
    [ "$processor" = "$(uname -m)" ] || run="qemu-$processor -L /usr/$processor-linux-gnu"
    [ "$processor" = aarch64 ] || chosen=$features
    # shellcheck disable=SC2086 # lists of options
    $run "$zig/$processor/aot" compile "$processor-unknown-linux-gnu" $chosen <"$zig/jxl/jxl.wasm" \
      >"$zig/jxl/$processor.code"
    "$BIN/python" deploy/jxl_code.py seal "$zig/jxl/jxl.wasm" "$zig/jxl/$processor.code" \
      "$zig/jxl/jxl.linux-$processor.cwasm.xz"
  done
}

case $1 in
  fetch) fetch ;;
  compile) compile "$2" ;;
  make)
    compile_module
    compile_machine_code
    cp "$zig/jxl/jxl.wasm" $package/
    cp "$zig"/jxl/jxl.linux-*.cwasm.xz deploy/
    ;;
  check)
    compile_module
    compile_machine_code
    cmp "$zig/jxl/jxl.wasm" $package/jxl.wasm
    for processor in $processors; do
      cmp "$zig/jxl/jxl.linux-$processor.cwasm.xz" "deploy/jxl.linux-$processor.cwasm.xz"
    done
    ;;
esac
