/* Inverse DCT from the lowest coefficients of a block to fewer than eight samples on each side.
 *
 * The kept × kept lowest coefficients of the orthonormal DCT of A.3.3, multiplied by kept / 8, are the
 * coefficients of the block at kept / 8 of its size, so an inverse DCT of `kept` points is applied.
 * Constants are fixed-point. The arithmetic wraps if damaged data exceed the standard's range.
 */
#ifndef TRANSFORM_H
#define TRANSFORM_H

#include <wasm_simd128.h>

#include "jpeg.h"

enum {
  FRACTION = 12,  /* bits of the constants */
  BETWEEN = 3,    /* bits kept between rows and columns */
  LEVEL = 128,    /* level shift: A.3.1 */
};

/* Figure A.6: zigzag indices of the low-frequency corner, row by row. */
static const u8 zigzag[MAX_KEPT][MAX_KEPT] = {
    {0, 1, 5, 6}, {2, 4, 7, 13}, {3, 8, 12, 17}, {9, 11, 18, 24}};

/* The mean of a block is 1/8 of its DC coefficient. */
static inline void transform_1(const i16 *in, const u16 *q, u8 *out) {
  out[0] = clamp((in[0] * q[0] + 8 * LEVEL + 4) >> 3);
}

static inline void transform_2(const i16 *in, const u16 *q, u8 *out, u32 stride) {
  i32 mean = in[0] * q[0] + 8 * LEVEL + 4;
  i32 across = in[1] * q[1], down = in[2] * q[2], both = in[4] * q[4];
  i32 upper = mean + down, lower = mean - down, left = across + both, right = across - both;
  v128_t values = wasm_i32x4_make(upper + left, upper - left, lower + right, lower - right);
  values = wasm_i32x4_shr(values, 3);
  values = wasm_i16x8_narrow_i32x4(values, values);
  values = wasm_u8x16_narrow_i16x8(values, values);
  wasm_v128_store16_lane(out, values, 0);
  wasm_v128_store16_lane(out + stride, values, 1);
}

/* Three samples of one line: c[0] / √3 ± c[1] / √2 + c[2] / √6; the middle one c[0] / √3 - c[2] 2 / √6. */
static inline void line_3(const i32 *c, const i32 *factor, i32 *out) {
  i32 mean = c[0] * factor[0], slope = c[1] * factor[1], bend = c[2] * factor[2];
  out[0] = mean + slope + bend;
  out[1] = mean - 2 * bend;
  out[2] = mean - slope + bend;
}

/* Four samples of one line: ½, and √½ cos(π/8), √½ cos(3π/8) for the odd ones. */
static inline void line_4(const i32 *c, i32 *out) {
  enum { HALF = 2048, COS_1 = 2676, COS_3 = 1108 };
  i32 outer = (c[0] + c[2]) * HALF, inner = (c[0] - c[2]) * HALF;
  i32 odd_outer = c[1] * COS_1 + c[3] * COS_3, odd_inner = c[1] * COS_3 - c[3] * COS_1;
  out[0] = outer + odd_outer;
  out[1] = inner + odd_inner;
  out[2] = inner - odd_inner;
  out[3] = outer - odd_outer;
}

static inline void line(const i32 *in, u32 kept, int is_last, i32 *out) {
  static const i32 plain[3] = {2365, 2896, 1672}, scaled[3] = {887, 1086, 627}; /* × 3/8 */
  if (kept == 3) line_3(in, is_last ? scaled : plain, out);
  else line_4(in, out);
}

static INLINE void transform_more(const i16 *in, const u16 *q, u32 kept, u8 *out, u32 stride) {
  i32 between[MAX_KEPT][MAX_KEPT], values[MAX_KEPT];
  i32 shift = FRACTION + BETWEEN + (kept == 4); /* 4/8 is a shift, 3/8 is in the factors */
  for (u32 v = 0; v < kept; v++) {
    i32 row[MAX_KEPT];
    for (u32 u = 0; u < kept; u++) row[u] = in[zigzag[v][u]] * q[zigzag[v][u]];
    line(row, kept, 0, values);
    for (u32 x = 0; x < kept; x++) between[x][v] = values[x] >> (FRACTION - BETWEEN);
  }
  for (u32 x = 0; x < kept; x++) {
    line(between[x], kept, 1, values);
    for (u32 y = 0; y < kept; y++)
      out[y * stride + x] = clamp((values[y] + (2 * LEVEL + 1) * (1 << (shift - 1))) >> shift);
  }
}

/* `in` is in zigzag order, as the quantizer `q` is. */
static INLINE void transform(const i16 *in, const u16 *q, u32 kept, u8 *samples, u32 stride) {
  if (kept == 1) transform_1(in, q, samples);
  else if (kept == 2) transform_2(in, q, samples, stride);
  else transform_more(in, q, kept, samples, stride);
}

#endif
