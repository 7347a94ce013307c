/* Averaging of whole groups of pixels, with the rounding of Pillow's `reduce`. */
#include "png.h"

#include <wasm_simd128.h>

Status start_reducing(Reducer *reducer, const Layout *layout, u32 channels) {
  *reducer = (Reducer){layout->width, layout->height, channels, layout->reduction, 0, 0, 0, 0};
  reducer->out_channels = channels == 3 ? 4 : channels;
  reducer->across = divide_up(layout->width, layout->reduction);
  if (layout->reduction == 1) return OK;
  reducer->sums = allocate((size_t)layout->width * channels * 2 + ROOM);
  return reducer->sums ? OK : NO_MEMORY;
}

static void set_sums(u16 *sums, const u8 *row, u32 samples) {
#pragma clang loop unroll_count(2)
  for (u32 at = 0; at < samples; at += 16) {
    v128_t bytes = wasm_v128_load(row + at);
    wasm_v128_store(sums + at, wasm_u16x8_extend_low_u8x16(bytes));
    wasm_v128_store(sums + at + 8, wasm_u16x8_extend_high_u8x16(bytes));
  }
}

static void add_to_sums(u16 *sums, const u8 *row, u32 samples) {
#pragma clang loop unroll_count(2)
  for (u32 at = 0; at < samples; at += 16) {
    v128_t bytes = wasm_v128_load(row + at);
    v128_t low = wasm_u16x8_extend_low_u8x16(bytes), high = wasm_u16x8_extend_high_u8x16(bytes);
    wasm_v128_store(sums + at, wasm_i16x8_add(wasm_v128_load(sums + at), low));
    wasm_v128_store(sums + at + 8, wasm_i16x8_add(wasm_v128_load(sums + at + 8), high));
  }
}

/* 2^24 / count, as Pillow computes it. */
static u32 factor_of(u32 count) { return (u32)(4294967296.0f / (256.0f * (float)count)); }

/* Adds `columns` neighbours and divides by their number times `rows`. */
static inline void write_mean(const u16 *sums, u32 channels, u32 columns, u32 rows, u32 factor, u8 *to,
                              u32 out_channels) {
  v128_t sum = wasm_i32x4_splat((i32)(columns * rows / 2));
  for (u32 i = 0; i < columns; i++)
    sum = wasm_i32x4_add(sum, wasm_u32x4_load16x4(sums + i * channels));
  sum = wasm_u32x4_shr(wasm_i32x4_mul(sum, wasm_i32x4_splat((i32)factor)), 24);
  if (channels == 3) sum = wasm_i32x4_replace_lane(sum, 3, 255);
  v128_t words = wasm_u16x8_narrow_i32x4(sum, sum), bytes = wasm_u8x16_narrow_i16x8(words, words);
  if (out_channels == 4) wasm_v128_store32_lane(to, bytes, 0);
  else if (out_channels == 2) wasm_v128_store16_lane(to, bytes, 0);
  else wasm_v128_store8_lane(to, bytes, 0);
}

/* Compiled for usual reductions, so that the loop over neighbours disappears. */
static inline u8 *write_means_by(const Reducer *reducer, u32 reduction, u32 channels, u32 out_channels,
                                 u32 rows, u8 *to) {
  u32 whole = reducer->width / reduction;
  u32 rest = reducer->width - whole * reduction, factor = factor_of(reduction * rows);
  const u16 *sums = reducer->sums;
  for (u32 x = 0; x < whole; x++) {
    write_mean(sums, channels, reduction, rows, factor, to, out_channels);
    sums += reduction * channels;
    to += out_channels;
  }
  if (!rest) return to;
  write_mean(sums, channels, rest, rows, factor_of(rest * rows), to, out_channels);
  return to + out_channels;
}

static inline u8 *write_means_of(const Reducer *reducer, u32 channels, u32 out_channels, u32 rows,
                                 u8 *to) {
  switch (reducer->reduction) {
    case 2: return write_means_by(reducer, 2, channels, out_channels, rows, to);
    case 3: return write_means_by(reducer, 3, channels, out_channels, rows, to);
    case 4: return write_means_by(reducer, 4, channels, out_channels, rows, to);
    default: return write_means_by(reducer, reducer->reduction, channels, out_channels, rows, to);
  }
}

static u8 *write_means(const Reducer *reducer, u32 rows, u8 *to) {
  switch (reducer->channels) {
    case 1: return write_means_of(reducer, 1, 1, rows, to);
    case 2: return write_means_of(reducer, 2, 2, rows, to);
    case 3: return write_means_of(reducer, 3, 4, rows, to);
    default: return write_means_of(reducer, 4, 4, rows, to);
  }
}

/* Without reduction: RGB becomes RGBX. */
static u8 *write_row(const Reducer *reducer, const u8 *row, u8 *to) {
  u32 bytes = reducer->width * reducer->channels;
  if (reducer->channels != 3) {
    __builtin_memcpy(to, row, bytes);
    return to + bytes;
  }
  const v128_t opaque = wasm_i32x4_splat((i32)0xFF000000);
  for (u32 x = 0; x < reducer->width; x += 4) {
    v128_t four = wasm_v128_load(row + 3 * x);
    four = wasm_i8x16_shuffle(four, opaque, 0, 1, 2, 19, 3, 4, 5, 19, 6, 7, 8, 19, 9, 10, 11, 19);
    wasm_v128_store(to + 4 * x, four);
  }
  return to + 4 * reducer->width;
}

/* Takes a converted row, whose group may become complete. Returns the end of the reduced rows,
 * which go on at `to`. */
u8 *reduce_row(Reducer *reducer, const u8 *row, u8 *to) {
  u32 samples = reducer->width * reducer->channels, rows = reducer->taken++ % reducer->reduction + 1;
  if (reducer->reduction == 1) return write_row(reducer, row, to);
  if (rows == 1) set_sums(reducer->sums, row, samples);
  else add_to_sums(reducer->sums, row, samples);
  u32 is_complete = rows == reducer->reduction || reducer->taken == reducer->height;
  return is_complete ? write_means(reducer, rows, to) : to;
}
