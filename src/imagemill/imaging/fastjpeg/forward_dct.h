/* Samples to quantized coefficients of a block: A.3.3 and A.3.4, eight lanes at a time. */
#ifndef FORWARD_DCT_H
#define FORWARD_DCT_H

#include "encoder.h"
#include "lanes.h"

enum { FORWARD_BITS = 1 /* fraction bits of a sample before the transform */ };

/* The transform of Arai, Agui and Nakajima of eight samples, in eight lanes. */
static INLINE void forward(v128_t *d) {
  v128_t t0 = ADD(d[0], d[7]), t7 = SUB(d[0], d[7]), t1 = ADD(d[1], d[6]), t6 = SUB(d[1], d[6]);
  v128_t t2 = ADD(d[2], d[5]), t5 = SUB(d[2], d[5]), t3 = ADD(d[3], d[4]), t4 = SUB(d[3], d[4]);
  v128_t t10 = ADD(t0, t3), t13 = SUB(t0, t3), t11 = ADD(t1, t2), t12 = SUB(t1, t2);
  v128_t z1 = times(ADD(t12, t13), Q15(0.707106781));
  d[0] = ADD(t10, t11);
  d[4] = SUB(t10, t11);
  d[2] = ADD(t13, z1);
  d[6] = SUB(t13, z1);
  t10 = ADD(t4, t5);
  t11 = ADD(t5, t6);
  t12 = ADD(t6, t7);
  v128_t z5 = times(SUB(t10, t12), Q15(0.382683433));
  v128_t z2 = ADD(times(t10, Q15(0.541196100)), z5);
  v128_t z4 = ADD(ADD(t12, times(t12, Q15(0.306562965))), z5);
  v128_t z3 = times(t11, Q15(0.707106781)), z11 = ADD(t7, z3), z13 = SUB(t7, z3);
  d[5] = ADD(z13, z2);
  d[3] = SUB(z13, z2);
  d[1] = ADD(z11, z4);
  d[7] = SUB(z11, z4);
}

/* Writes the quantized coefficients at u * 8 + v; returns a bit for each that is not zero. */
static INLINE u64 quantize(const u8 *from, u32 stride, const Quantizer *quantizer, i16 *to) {
  v128_t d[8], zero = wasm_i64x2_const(0, 0), middle = wasm_i16x8_const_splat(128);
  for (u32 y = 0; y < 8; y++)
    d[y] = wasm_i16x8_shl(SUB(wasm_u16x8_load8x8(from + y * stride), middle), FORWARD_BITS);
  forward(d);
  transpose(d, 0);
  forward(d);
  u64 nonzero = 0;
  for (u32 u = 0; u < 8; u++) {
    d[u] = wasm_i16x8_q15mulr_sat(d[u], wasm_v128_load(quantizer->reciprocals + 8 * u));
    v128_t kept = wasm_i16x8_ge(wasm_i16x8_abs(d[u]), wasm_v128_load(quantizer->least + 8 * u));
    d[u] = wasm_i16x8_q15mulr_sat(d[u], wasm_v128_load(quantizer->shifts + 8 * u));
    d[u] = wasm_v128_and(d[u], kept);
    wasm_v128_store(to + 8 * u, d[u]);
  }
  for (u32 u = 0; u < 8; u += 2) {
    v128_t first = wasm_i16x8_eq(d[u], zero), second = wasm_i16x8_eq(d[u + 1], zero);
    v128_t zeros = wasm_i8x16_narrow_i16x8(first, second);
    nonzero |= (u64)(~(u32)wasm_i8x16_bitmask(zeros) & 0xFFFF) << (8 * u);
  }
  return nonzero;
}

/* A.2.4: completes a block at the right or lower edge with copies of the last column and row. */
static inline void copy_edge(const u8 *from, u32 stride, u32 columns, u32 rows, u8 *to) {
  for (u32 y = 0; y < 8; y++) {
    const u8 *row = from + (size_t)(y < rows ? y : rows - 1) * stride;
    for (u32 x = 0; x < 8; x++) to[8 * y + x] = row[x < columns ? x : columns - 1];
  }
}

#endif
