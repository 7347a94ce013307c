/* Adler-32: RFC 1950, 9. */
#include "inflate.h"

#include <wasm_simd128.h>

enum {
  BASE = 65521,
  STEP = 16,
  /* Bytes after which the sums are reduced, a multiple of STEP: below 5552, where 32 bits overflow. */
  REDUCED_AFTER = 5536,
};

static u32 sum_lanes(v128_t lanes) {
  return wasm_u32x4_extract_lane(lanes, 0) + wasm_u32x4_extract_lane(lanes, 1) +
         wasm_u32x4_extract_lane(lanes, 2) + wasm_u32x4_extract_lane(lanes, 3);
}

/* `high` gains each byte as often as it is contained in a value of `low`: 16 times the bytes of earlier
 * steps, and 16, 15, ... 1 times those of the last. */
static void add(u32 *low, u32 *high, const u8 *data, size_t steps) {
  const v128_t first = wasm_i16x8_make(16, 15, 14, 13, 12, 11, 10, 9);
  const v128_t second = wasm_i16x8_make(8, 7, 6, 5, 4, 3, 2, 1);
  v128_t sum = wasm_i32x4_splat(0), earlier = sum, weighted = sum;
  *high += *low * (u32)(steps * STEP);
#pragma clang loop unroll_count(4)
  for (; steps; steps--, data += STEP) {
    v128_t bytes = wasm_v128_load(data);
    v128_t left = wasm_u16x8_extend_low_u8x16(bytes), right = wasm_u16x8_extend_high_u8x16(bytes);
    earlier = wasm_i32x4_add(earlier, sum);
    sum = wasm_i32x4_add(sum, wasm_u32x4_extadd_pairwise_u16x8(wasm_i16x8_add(left, right)));
    weighted = wasm_i32x4_add(weighted, wasm_i32x4_dot_i16x8(left, first));
    weighted = wasm_i32x4_add(weighted, wasm_i32x4_dot_i16x8(right, second));
  }
  *high += STEP * sum_lanes(earlier) + sum_lanes(weighted);
  *low += sum_lanes(sum);
}

u32 adler32(u32 sum, const u8 *data, size_t bytes) {
  u32 low = sum & 0xFFFF, high = sum >> 16;
  while (bytes >= STEP) {
    size_t part = bytes < REDUCED_AFTER ? bytes / STEP * STEP : REDUCED_AFTER;
    add(&low, &high, data, part / STEP);
    low %= BASE;
    high %= BASE;
    data += part;
    bytes -= part;
  }
  for (; bytes; bytes--) {
    low += *data++;
    high += low;
  }
  return low % BASE | (high % BASE) << 16;
}
