/* Inverse DCT to one or two samples on the side of a block.
 *
 * The kept × kept lowest coefficients of the orthonormal DCT of A.3.3, multiplied by kept / 8, are the
 * coefficients of the block at kept / 8 of its size, so an inverse DCT of `kept` points is applied.
 * The arithmetic wraps if damaged data exceed the standard's range. More samples: inverse_dct.h.
 */
#ifndef TRANSFORM_H
#define TRANSFORM_H

#include <wasm_simd128.h>

#include "jpeg.h"

enum { LEVEL = 128 }; /* level shift: A.3.1 */

/* Figure A.6: places in zigzag order, of the low corner, row by row. */
static const u8 zigzag[2][2] = {{0, 1}, {2, 4}};

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

/* `in` is in zigzag order, as the quantizer `q` is. */
static INLINE void transform(const i16 *in, const u16 *q, u32 kept, u8 *samples, u32 stride) {
  if (kept == 1) transform_1(in, q, samples);
  else transform_2(in, q, samples, stride);
}

#endif
