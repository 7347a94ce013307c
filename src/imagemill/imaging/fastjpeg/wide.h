/* From coefficients to three and more samples of a block's side, eight lanes at a time.
 *
 * Coefficients stand column by column, eight to each: place u * 8 + v of the one that changes u times
 * across and v times down. The first pass goes across, for all v at once; one transposition; the second
 * goes down, and has rows of samples in its lanes. Sixteen bits, FINE of them a fraction.
 *
 * Of eight samples the transform is that of Arai, Agui and Nakajima, whose factors are moved to the
 * quantizer's side; of fewer it is the cosines themselves, what is even and what is odd apart.
 */
#ifndef WIDE_H
#define WIDE_H

#include <wasm_simd128.h>

#include "jpeg.h"

enum { FINE = 5, SPARE = 3, AWAY = 64, AWAY_LANE = 7 }; /* where goes what is not kept: scaled by nought */

/* Figure A.6, the other way round: v * 8 + u of each in zigzag order. */
static const u8 natural[LAST + 1] = {
    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

/* What a component's blocks are made with. */
typedef struct {
  _Alignas(16) i16 steps[64];  /* Qk << SPARE */
  _Alignas(16) i16 scales[64]; /* fractions of 2^15 */
  u8 place[2 * (LAST + 1)];    /* of each in zigzag order, and behind an EOB */
} Wide;

static inline void make_wide(Wide *wide, const u16 *quantizer, u32 kept) {
  static const float aan[8] = {1.0f, 1.387039845f, 1.306562965f, 1.175875602f,
                               1.0f, 0.785694958f, 0.541196100f, 0.275899379f};
  __builtin_memset(wide, 0, sizeof *wide);
  __builtin_memset(wide->place, kept == 8 ? AWAY : AWAY_LANE, sizeof wide->place);
  for (u32 k = 0; k <= LAST; k++) {
    u32 u = natural[k] & 7, v = natural[k] >> 3, at = u * 8 + v;
    if (u >= kept || v >= kept) continue;
    wide->place[k] = (u8)at;
    wide->steps[at] = (i16)(quantizer[k] << SPARE);
    float scale = kept == 8 ? aan[u] * aan[v] * 0.5f : (u ? 1 : 0.70710678f) * (v ? 1 : 0.70710678f);
    float whole = scale * 32768 + 0.5f;
    wide->scales[at] = whole > 32767 ? 32767 : (i16)whole;
  }
}

#define Q15(x) ((i16)((x) * 32768 + ((x) < 0 ? -0.5 : 0.5)))
#define ADD wasm_i16x8_add
#define SUB wasm_i16x8_sub

static inline v128_t times(v128_t a, i16 fraction) {
#ifdef RELAXED
  return wasm_i16x8_relaxed_q15mulr(a, wasm_i16x8_splat(fraction));
#else
  return wasm_i16x8_q15mulr_sat(a, wasm_i16x8_splat(fraction));
#endif
}

static inline v128_t scaled(v128_t a, v128_t b) {
#ifdef RELAXED
  return wasm_i16x8_relaxed_q15mulr(a, b);
#else
  return wasm_i16x8_q15mulr_sat(a, b);
#endif
}

static INLINE void finish_8(v128_t *r, v128_t e0, v128_t e1, v128_t e2, v128_t e3, v128_t o0,
                            v128_t t11, v128_t t10, v128_t t12) {
  v128_t o1 = SUB(t12, o0), o2 = SUB(t11, o1), o3 = ADD(t10, o2);
  r[0] = ADD(e0, o0);
  r[7] = SUB(e0, o0);
  r[1] = ADD(e1, o1);
  r[6] = SUB(e1, o1);
  r[2] = ADD(e2, o2);
  r[5] = SUB(e2, o2);
  r[4] = ADD(e3, o3);
  r[3] = SUB(e3, o3);
}

static INLINE void wide_8(v128_t *r) {
  v128_t a = ADD(r[0], r[4]), b = SUB(r[0], r[4]), c = ADD(r[2], r[6]), d = SUB(r[2], r[6]);
  d = SUB(ADD(d, times(d, Q15(0.414213562))), c);
  v128_t z13 = ADD(r[5], r[3]), z10 = SUB(r[5], r[3]), z11 = ADD(r[1], r[7]), z12 = SUB(r[1], r[7]);
  v128_t o0 = ADD(z11, z13), t11 = SUB(z11, z13), z5 = ADD(z10, z12);
  t11 = ADD(t11, times(t11, Q15(0.414213562)));
  z5 = ADD(z5, times(z5, Q15(0.847759065)));
  v128_t t10 = SUB(ADD(z12, times(z12, Q15(0.082392200))), z5);
  v128_t t12 = SUB(z5, ADD(ADD(z10, z10), times(z10, Q15(0.613125930))));
  finish_8(r, ADD(a, c), ADD(b, d), SUB(b, d), SUB(a, c), o0, t11, t10, t12);
}

/* The same where the upper four are nought. */
static INLINE void wide_8_of_4(v128_t *r) {
  v128_t d = times(r[2], Q15(0.414213562)), difference = SUB(r[1], r[3]);
  v128_t t11 = ADD(difference, times(difference, Q15(0.414213562)));
  v128_t z5 = ADD(difference, times(difference, Q15(0.847759065)));
  v128_t t10 = SUB(ADD(r[1], times(r[1], Q15(0.082392200))), z5);
  v128_t t12 = ADD(z5, ADD(ADD(r[3], r[3]), times(r[3], Q15(0.613125930))));
  finish_8(r, ADD(r[0], r[2]), ADD(r[0], d), SUB(r[0], d), SUB(r[0], r[2]), ADD(r[1], r[3]), t11,
           t10, t12);
}

static INLINE void wide_6(v128_t *r) {
  v128_t half = wasm_i16x8_shr(r[4], 1), a = ADD(r[0], half), b = times(r[2], Q15(0.866025404));
  v128_t e0 = ADD(a, b), e1 = SUB(r[0], r[4]), e2 = SUB(a, b);
  v128_t middle = times(r[3], Q15(0.707106781));
  v128_t o0 = ADD(ADD(times(r[1], Q15(0.965925826)), middle), times(r[5], Q15(0.258819045)));
  v128_t o2 = ADD(SUB(times(r[1], Q15(0.258819045)), middle), times(r[5], Q15(0.965925826)));
  v128_t o1 = times(SUB(SUB(r[1], r[3]), r[5]), Q15(0.707106781));
  r[0] = ADD(e0, o0);
  r[5] = SUB(e0, o0);
  r[1] = ADD(e1, o1);
  r[4] = SUB(e1, o1);
  r[2] = ADD(e2, o2);
  r[3] = SUB(e2, o2);
}

static INLINE void wide_5(v128_t *r) {
  v128_t e0 = ADD(ADD(r[0], times(r[2], Q15(0.809016994))), times(r[4], Q15(0.309016994)));
  v128_t e1 = SUB(SUB(r[0], times(r[2], Q15(0.309016994))), times(r[4], Q15(0.809016994)));
  v128_t e2 = ADD(SUB(r[0], r[2]), r[4]);
  v128_t o0 = ADD(times(r[1], Q15(0.951056516)), times(r[3], Q15(0.587785252)));
  v128_t o1 = SUB(times(r[1], Q15(0.587785252)), times(r[3], Q15(0.951056516)));
  r[0] = ADD(e0, o0);
  r[4] = SUB(e0, o0);
  r[1] = ADD(e1, o1);
  r[3] = SUB(e1, o1);
  r[2] = e2;
}

static INLINE void wide_4(v128_t *r) {
  v128_t even = times(r[2], Q15(0.707106781)), e0 = ADD(r[0], even), e1 = SUB(r[0], even);
  v128_t o0 = ADD(times(r[1], Q15(0.923879533)), times(r[3], Q15(0.382683432)));
  v128_t o1 = SUB(times(r[1], Q15(0.382683432)), times(r[3], Q15(0.923879533)));
  r[0] = ADD(e0, o0);
  r[3] = SUB(e0, o0);
  r[1] = ADD(e1, o1);
  r[2] = SUB(e1, o1);
}

static INLINE void wide_3(v128_t *r) {
  v128_t e0 = ADD(r[0], wasm_i16x8_shr(r[2], 1)), e1 = SUB(r[0], r[2]);
  v128_t o0 = times(r[1], Q15(0.866025404));
  r[0] = ADD(e0, o0);
  r[1] = e1;
  r[2] = SUB(e0, o0);
}

static INLINE void wide_line(v128_t *r, u32 kept, int is_low) {
  if (kept == 3) wide_3(r);
  else if (kept == 4) wide_4(r);
  else if (kept == 5) wide_5(r);
  else if (kept == 6) wide_6(r);
  else if (is_low) wide_8_of_4(r);
  else wide_8(r);
}

#define LOW16(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define LOW64(a, b) wasm_i64x2_shuffle(a, b, 0, 2)
#define HIGH64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)

/* Lanes 0 to 3, or all, of eight become four vectors, or eight. */
static INLINE void transpose(v128_t *r, int is_low) {
  v128_t a0 = LOW16(r[0], r[1]), a1 = LOW16(r[2], r[3]), a2 = LOW16(r[4], r[5]),
         a3 = LOW16(r[6], r[7]);
  v128_t b0 = LOW32(a0, a1), b1 = HIGH32(a0, a1), b2 = LOW32(a2, a3), b3 = HIGH32(a2, a3);
  if (!is_low) {
    v128_t c0 = HIGH16(r[0], r[1]), c1 = HIGH16(r[2], r[3]), c2 = HIGH16(r[4], r[5]),
           c3 = HIGH16(r[6], r[7]);
    v128_t d0 = LOW32(c0, c1), d1 = HIGH32(c0, c1), d2 = LOW32(c2, c3), d3 = HIGH32(c2, c3);
    r[4] = LOW64(d0, d2);
    r[5] = HIGH64(d0, d2);
    r[6] = LOW64(d1, d3);
    r[7] = HIGH64(d1, d3);
  }
  r[0] = LOW64(b0, b2);
  r[1] = HIGH64(b0, b2);
  r[2] = LOW64(b1, b3);
  r[3] = HIGH64(b1, b3);
}

/* Writes eight bytes a row, whatever is kept. */
static INLINE void wide_store(v128_t *r, u32 kept, u8 *out, u32 stride) {
  for (u32 y = 0; y < kept; y++) r[y] = wasm_i16x8_shr(r[y], FINE);
  for (u32 y = 0; y < kept; y += 2) {
    v128_t both = wasm_u8x16_narrow_i16x8(r[y], r[y + 1 < kept ? y + 1 : y]);
    if (kept > 4) wasm_v128_store64_lane(out + y * stride, both, 0);
    else wasm_v128_store32_lane(out + y * stride, both, 0);
    if (y + 1 >= kept) break;
    if (kept > 4) wasm_v128_store64_lane(out + (y + 1) * stride, both, 1);
    else wasm_v128_store32_lane(out + (y + 1) * stride, both, 2);
  }
}

static INLINE void wide_some(const i16 *in, const Wide *wide, u32 kept, int is_low, u8 *out, u32 stride) {
  v128_t r[8], zero = wasm_i64x2_const(0, 0);
  u32 columns = is_low && kept > 4 ? 4 : kept;
  for (u32 u = 0; u < 8; u++)
    r[u] = u < columns ? scaled(wasm_i16x8_mul(wasm_v128_load(in + 8 * u), wasm_v128_load(wide->steps + 8 * u)),
                                wasm_v128_load(wide->scales + 8 * u))
                       : zero;
  r[0] = ADD(r[0], wasm_i16x8_const((128 << FINE) + (1 << (FINE - 1)), 0, 0, 0, 0, 0, 0, 0));
  wide_line(r, kept, is_low);
  transpose(r, is_low || kept <= 4);
  wide_line(r, kept, is_low);
  wide_store(r, kept, out, stride);
}

/* `reached`: the last in zigzag order that may be other than nought. */
static INLINE void transform_wide(const i16 *in, const Wide *wide, u32 kept, u32 reached, u8 *out,
                                  u32 stride) {
  if (kept == 8 && reached <= 9) wide_some(in, wide, kept, 1, out, stride);
  else wide_some(in, wide, kept, 0, out, stride);
}

#endif
