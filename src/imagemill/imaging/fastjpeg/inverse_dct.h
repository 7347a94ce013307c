/* Dequantization and inverse DCT to three and more samples on the side of a block: A.3.3, A.3.4.
 *
 * Coefficients are stored by columns: the one that changes u times across and v times down has the
 * index 8 u + v. The first pass transforms across, for all v at once. After a transposition the second
 * pass transforms down, and each vector is a row of samples. All values are 16-bit integers with
 * FRACTION bits after the binary point. They wrap if damaged data exceed the standard's range.
 *
 * Eight samples are made by the algorithm of Arai, Agui and Nakajima (1988), which needs five
 * multiplications in a pass because the other factors are part of the dequantization. Fewer samples
 * are made as in transform.h, the even and the odd coefficients apart.
 */
#ifndef INVERSE_DCT_H
#define INVERSE_DCT_H

#include "huffman.h"
#include "lanes.h"

enum {
  FRACTION = 5,
  STEP_BITS = 3,      /* a quantizer is stored times 2^STEP_BITS, so that scaling it loses nothing */
  MOST_STEP = 4095,   /* larger quantizers exceed every valid coefficient, and 16 bits */
  UNUSED = 7,         /* place of coefficients that are not kept: its scale is zero for kept < 8 */
  BEYOND = 64,        /* place of coefficients after the last one: outside the block */
  PLACES = ENDS + LAST + 1, /* of Dequantizer.place: any coefficient, or EOB after it */
};

/* Figure A.6 inverted: 8 v + u of each coefficient in zigzag order. */
static const u8 natural_order[LAST + 1] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* Where the coefficients of a component are stored, and the factors they are multiplied by. */
typedef struct {
  _Alignas(16) i16 steps[LAST + 1];  /* Qk << STEP_BITS, by columns */
  _Alignas(16) i16 scales[LAST + 1]; /* in units of 2^-15, by columns */
  u8 place[PLACES];                  /* index by columns of each coefficient in zigzag order */
} Dequantizer;

/* Factor of the coefficient that changes u and v times: one half for DC, at most 1. */
static inline float dct_scale(u32 u, u32 v, u32 kept) {
  static const float of_eight[BLOCK_SIDE] = {1.0f, 1.387039845f, 1.306562965f, 1.175875602f,
                                             1.0f, 0.785694958f, 0.541196100f, 0.275899379f};
  if (kept == BLOCK_SIDE) return of_eight[u] * of_eight[v] * 0.5f;
  return (u ? 1 : 0.70710678f) * (v ? 1 : 0.70710678f);
}

static inline void make_dequantizer(Dequantizer *d, const u16 *quantizer, u32 kept) {
  __builtin_memset(d, 0, sizeof *d);
  __builtin_memset(d->place, kept == BLOCK_SIDE ? BEYOND : UNUSED, sizeof d->place);
  for (u32 k = 0; k <= LAST; k++) {
    u32 u = natural_order[k] % BLOCK_SIDE, v = natural_order[k] / BLOCK_SIDE;
    if (u >= kept || v >= kept) continue;
    u32 at = u * BLOCK_SIDE + v, step = quantizer[k] < MOST_STEP ? quantizer[k] : MOST_STEP;
    float scale = dct_scale(u, v, kept) * 32768 + 0.5f;
    d->place[k] = (u8)at;
    d->steps[at] = (i16)(step << STEP_BITS);
    d->scales[at] = scale > 32767 ? 32767 : (i16)scale;
  }
}

/* The last additions of eight samples: `even` and `odd` hold the two halves of the transform. */
static INLINE void combine_8(v128_t *r, const v128_t *even, const v128_t *odd) {
  for (u32 i = 0; i < BLOCK_SIDE / 2; i++) {
    r[i] = ADD(even[i], odd[i]);
    r[BLOCK_SIDE - 1 - i] = SUB(even[i], odd[i]);
  }
}

/* The odd half of eight samples, from sums and differences of the odd coefficients. */
static INLINE void odd_8(v128_t *odd, v128_t sum, v128_t outer, v128_t middle, v128_t inner) {
  odd[0] = sum;
  odd[1] = SUB(inner, odd[0]);
  odd[2] = SUB(outer, odd[1]);
  odd[3] = SUB(middle, odd[2]);
}

static INLINE void samples_8(v128_t *r) {
  v128_t a = ADD(r[0], r[4]), b = SUB(r[0], r[4]), c = ADD(r[2], r[6]), d = SUB(r[2], r[6]);
  d = SUB(ADD(d, times(d, Q15(0.414213562))), c); /* √2 d - c */
  v128_t even[4] = {ADD(a, c), ADD(b, d), SUB(b, d), SUB(a, c)}, odd[4];
  v128_t z13 = ADD(r[5], r[3]), z10 = SUB(r[5], r[3]), z11 = ADD(r[1], r[7]), z12 = SUB(r[1], r[7]);
  v128_t outer = SUB(z11, z13), both = ADD(z10, z12);
  outer = ADD(outer, times(outer, Q15(0.414213562))); /* × √2 */
  both = ADD(both, times(both, Q15(0.847759065)));    /* × 2 cos(π/8) */
  v128_t middle = SUB(both, ADD(z12, times(z12, Q15(0.082392200))));
  v128_t inner = SUB(both, ADD(ADD(z10, z10), times(z10, Q15(0.613125930))));
  odd_8(odd, ADD(z11, z13), outer, middle, inner);
  combine_8(r, even, odd);
}

/* The same where the upper four coefficients are zero. */
static INLINE void samples_8_of_4(v128_t *r) {
  v128_t d = times(r[2], Q15(0.414213562)), difference = SUB(r[1], r[3]);
  v128_t even[4] = {ADD(r[0], r[2]), ADD(r[0], d), SUB(r[0], d), SUB(r[0], r[2])}, odd[4];
  v128_t outer = ADD(difference, times(difference, Q15(0.414213562)));
  v128_t both = ADD(difference, times(difference, Q15(0.847759065)));
  v128_t middle = SUB(both, ADD(r[1], times(r[1], Q15(0.082392200))));
  v128_t inner = ADD(both, ADD(ADD(r[3], r[3]), times(r[3], Q15(0.613125930))));
  odd_8(odd, ADD(r[1], r[3]), outer, middle, inner);
  combine_8(r, even, odd);
}

static INLINE void samples_6(v128_t *r) {
  v128_t a = ADD(r[0], wasm_i16x8_shr(r[4], 1)), b = times(r[2], Q15(0.866025404));
  v128_t e0 = ADD(a, b), e1 = SUB(r[0], r[4]), e2 = SUB(a, b);
  v128_t middle = times(r[3], Q15(0.707106781));
  v128_t o0 = ADD(ADD(times(r[1], Q15(0.965925826)), middle), times(r[5], Q15(0.258819045)));
  v128_t o2 = ADD(SUB(times(r[1], Q15(0.258819045)), middle), times(r[5], Q15(0.965925826)));
  v128_t o1 = times(SUB(SUB(r[1], r[3]), r[5]), Q15(0.707106781));
  r[0] = ADD(e0, o0);
  r[1] = ADD(e1, o1);
  r[2] = ADD(e2, o2);
  r[3] = SUB(e2, o2);
  r[4] = SUB(e1, o1);
  r[5] = SUB(e0, o0);
}

static INLINE void samples_5(v128_t *r) {
  v128_t e0 = ADD(ADD(r[0], times(r[2], Q15(0.809016994))), times(r[4], Q15(0.309016994)));
  v128_t e1 = SUB(SUB(r[0], times(r[2], Q15(0.309016994))), times(r[4], Q15(0.809016994)));
  v128_t e2 = ADD(SUB(r[0], r[2]), r[4]);
  v128_t o0 = ADD(times(r[1], Q15(0.951056516)), times(r[3], Q15(0.587785252)));
  v128_t o1 = SUB(times(r[1], Q15(0.587785252)), times(r[3], Q15(0.951056516)));
  r[0] = ADD(e0, o0);
  r[1] = ADD(e1, o1);
  r[2] = e2;
  r[3] = SUB(e1, o1);
  r[4] = SUB(e0, o0);
}

static INLINE void samples_4(v128_t *r) {
  v128_t even = times(r[2], Q15(0.707106781)), e0 = ADD(r[0], even), e1 = SUB(r[0], even);
  v128_t o0 = ADD(times(r[1], Q15(0.923879533)), times(r[3], Q15(0.382683432)));
  v128_t o1 = SUB(times(r[1], Q15(0.382683432)), times(r[3], Q15(0.923879533)));
  r[0] = ADD(e0, o0);
  r[1] = ADD(e1, o1);
  r[2] = SUB(e1, o1);
  r[3] = SUB(e0, o0);
}

static INLINE void samples_3(v128_t *r) {
  v128_t e0 = ADD(r[0], wasm_i16x8_shr(r[2], 1)), e1 = SUB(r[0], r[2]);
  v128_t o0 = times(r[1], Q15(0.866025404));
  r[0] = ADD(e0, o0);
  r[1] = e1;
  r[2] = SUB(e0, o0);
}

/* One pass. `is_low`: only the lowest four of eight coefficients may be other than zero. */
static INLINE void transform_pass(v128_t *r, u32 kept, int is_low) {
  if (kept == 3) samples_3(r);
  else if (kept == 4) samples_4(r);
  else if (kept == 5) samples_5(r);
  else if (kept == 6) samples_6(r);
  else if (is_low) samples_8_of_4(r);
  else samples_8(r);
}

/* Writes four or eight bytes a row: the next block, or the padding of the plane, takes the surplus. */
static INLINE void store_samples(v128_t *r, u32 kept, u8 *out, u32 stride) {
  for (u32 y = 0; y < kept; y++) r[y] = wasm_i16x8_shr(r[y], FRACTION);
  for (u32 y = 0; y < kept; y++) {
    v128_t row = wasm_u8x16_narrow_i16x8(r[y], r[y]);
    if (kept > 4) wasm_v128_store64_lane(out + y * stride, row, 0);
    else wasm_v128_store32_lane(out + y * stride, row, 0);
  }
}

static INLINE void transform_columns(const i16 *in, const Dequantizer *d, u32 kept, int is_low,
                                     u8 *out, u32 stride) {
  v128_t r[BLOCK_SIDE], zero = wasm_i64x2_const(0, 0);
  u32 columns = is_low && kept > 4 ? 4 : kept;
  for (u32 u = 0; u < BLOCK_SIDE; u++) {
    r[u] = zero;
    if (u >= columns) continue;
    v128_t coefficients = wasm_v128_load(in + BLOCK_SIDE * u);
    v128_t values = wasm_i16x8_mul(coefficients, wasm_v128_load(d->steps + BLOCK_SIDE * u));
    r[u] = wasm_i16x8_q15mulr_sat(values, wasm_v128_load(d->scales + BLOCK_SIDE * u));
  }
  /* A.3.1: the level shift, and one half for rounding. */
  r[0] = ADD(r[0], wasm_i16x8_const((128 << FRACTION) + (1 << (FRACTION - 1)), 0, 0, 0, 0, 0, 0, 0));
  transform_pass(r, kept, is_low);
  transpose(r, is_low || kept <= 4);
  transform_pass(r, kept, is_low);
  store_samples(r, kept, out, stride);
}

/* `in` is by columns. All coefficients after `last`, in zigzag order, are zero. */
static INLINE void inverse_dct(const i16 *in, const Dequantizer *d, u32 kept, u32 last, u8 *out,
                               u32 stride) {
  enum { LAST_OF_LOW = 9 }; /* until here u and v are less than 4 */
  if (kept == BLOCK_SIDE && last <= LAST_OF_LOW) transform_columns(in, d, kept, 1, out, stride);
  else transform_columns(in, d, kept, 0, out, stride);
}

#endif
