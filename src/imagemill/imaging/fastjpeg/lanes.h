/* Eight 16-bit integers in a vector: arithmetic and transposition for discrete cosine transforms. */
#ifndef LANES_H
#define LANES_H

#include <wasm_simd128.h>

#include "jpeg.h"

/* A constant from 0 to 1 in units of 2^-15, as times() takes it. */
#define Q15(x) ((i16)((x) * 32768 + 0.5))
#define ADD wasm_i16x8_add
#define SUB wasm_i16x8_sub

static inline v128_t times(v128_t a, i16 factor) {
  return wasm_i16x8_q15mulr_sat(a, wasm_i16x8_splat(factor));
}

#define LOW16(a, b) wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define LOW32(a, b) wasm_i32x4_shuffle(a, b, 0, 4, 1, 5)
#define HIGH32(a, b) wasm_i32x4_shuffle(a, b, 2, 6, 3, 7)
#define LOW64(a, b) wasm_i64x2_shuffle(a, b, 0, 2)
#define HIGH64(a, b) wasm_i64x2_shuffle(a, b, 1, 3)

/* The lanes of eight vectors become vectors: the first four only, or all. */
static INLINE void transpose(v128_t *r, int only_four) {
  v128_t a0 = LOW16(r[0], r[1]), a1 = LOW16(r[2], r[3]), a2 = LOW16(r[4], r[5]),
         a3 = LOW16(r[6], r[7]);
  v128_t b0 = LOW32(a0, a1), b1 = HIGH32(a0, a1), b2 = LOW32(a2, a3), b3 = HIGH32(a2, a3);
  if (!only_four) {
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

#endif
