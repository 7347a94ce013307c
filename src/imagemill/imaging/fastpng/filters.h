/* What filters predict a byte to be: clause 9. All values are taken modulo 256. */
#ifndef FILTERS_H
#define FILTERS_H

#include <wasm_simd128.h>

enum { NONE = 0, SUB = 1, UP = 2, AVERAGE = 3, PAETH = 4, FILTERS = 5, VECTOR = 16 };

/* |a - b|: one of the two differences is nought. */
static inline v128_t difference(v128_t a, v128_t b) {
  return wasm_v128_or(wasm_u8x16_sub_sat(a, b), wasm_u8x16_sub_sat(b, a));
}

/* 9.4: the nearest of left, up and corner to left + up - corner.
 *
 * The distance of the corner is |(up - corner) + (left - corner)|. It only counts where these have
 * opposite signs: otherwise it is the greatest of the three, and so is the value used here. */
static inline v128_t predict_paeth(v128_t left, v128_t up, v128_t corner) {
  v128_t up_above = wasm_u8x16_sub_sat(up, corner), up_below = wasm_u8x16_sub_sat(corner, up);
  v128_t left_above = wasm_u8x16_sub_sat(left, corner);
  v128_t left_below = wasm_u8x16_sub_sat(corner, left);
  v128_t to_left = wasm_v128_or(up_above, up_below), to_up = wasm_v128_or(left_above, left_below);
  v128_t one = difference(up_above, left_below), other = difference(up_below, left_above);
  v128_t to_corner = wasm_v128_or(one, other), nearest = wasm_u8x16_min(to_left, to_up);
  v128_t is_left = wasm_i8x16_eq(nearest, to_left);
  v128_t is_not_corner = wasm_i8x16_eq(wasm_u8x16_min(nearest, to_corner), nearest);
  return wasm_v128_bitselect(wasm_v128_bitselect(left, up, is_left), corner, is_not_corner);
}

/* 9.3: the mean, rounded down; `avgr` rounds up. */
static inline v128_t predict_average(v128_t left, v128_t up) {
  v128_t odd = wasm_v128_and(wasm_v128_xor(left, up), wasm_i8x16_splat(1));
  return wasm_i8x16_sub(wasm_u8x16_avgr(left, up), odd);
}

#endif
