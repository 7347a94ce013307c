/* AC coefficients of a block in progressive scans, all of them read: G.1.2.2 and G.1.2.3.
 *
 * A bit mask tells which coefficients of the block are not zero: a refinement has one bit for each of
 * those, and symbols for the others. So a block without news costs hardly more than counting bits.
 */
#ifndef PROGRESSIVE_AC_H
#define PROGRESSIVE_AC_H

#include "progressive.h"

/* What the scans of a component have in common for its blocks. */
typedef struct {
  const Table *table;
  const u8 *place; /* index of each coefficient in zigzag order */
  u32 first, last, low;
} Band;

/* Reads a symbol and its value. `*step` is the distance to the coefficient, ENDS if the band ends. */
static INLINE Status read_step(const Table *table, Bits *b, u32 *step, i32 *value, u32 *end_of_band) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  *step = entry_step(entry);
  *value = entry_value(entry);
  if (!is_escape(entry)) {
    drop(b, entry_bits(entry));
    return OK;
  }
  u32 symbol = decode_symbol(table, b), run = symbol >> 4, size = symbol & 15;
  if (symbol == NO_SYMBOL) return DAMAGED;
  *step = run + 1;
  *value = receive_extend(b, size);
  if (size || run == 15) return OK;
  read_end_of_band(b, run, end_of_band);
  *step = ENDS;
  return OK;
}

/* G.1.2.2 */
static INLINE Status read_band(Bits *bits, const Band *band, i16 *coefficients, u64 *nonzero,
                               u32 *end_of_band) {
  Bits b = *bits;
  u64 mask = *nonzero;
  u32 k = band->first - 1, step;
  i32 value;
  do {
    TRY(read_step(band->table, &b, &step, &value, end_of_band));
    if (step == ENDS) break;
    k += step;
    if (k > band->last) return DAMAGED;
    coefficients[band->place[k]] = (i16)(value * (1 << band->low));
    mask |= (u64)(value != 0) << k;
  } while (k < band->last);
  *nonzero = mask;
  *bits = b;
  return OK;
}

/* Reads a correction bit for each coefficient in `which`, the lowest first: Figure G.7. */
static INLINE void correct(Bits *b, const Band *band, u64 which, i16 *coefficients) {
  i32 bit = 1 << band->low;
  while (which) {
    refill(b);
    u32 left = count(which) < 32 ? count(which) : 32, corrections = peek(b, left);
    drop(b, left);
    if (!corrections && left < 32) return;
    for (; left; left--, which &= which - 1) {
      i16 *c = &coefficients[band->place[__builtin_ctzll(which)]];
      i32 is_set = (i32)(corrections >> (left - 1) & 1), sign = (*c >> 15) | 1;
      *c = (i16)(*c + is_set * sign * bit); /* without a branch: half of the bits are set */
    }
  }
}

/* One symbol of a refinement that is not an end of band: a new coefficient, or sixteen zeros. Moves
 * `zeros` and `others`, the coefficients not yet passed, past it: Figure G.7. */
static INLINE Status refine_one(Bits *b, const Band *band, u32 symbol, i16 *coefficients, u64 *zeros,
                                u64 *others, u64 *added) {
  u32 run = symbol >> 4, size = symbol & 15;
  i32 value = size && !peek(b, 1) ? -(1 << band->low) : 1 << band->low;
  drop(b, size);
  u64 left = *zeros;
  for (; run && left; run--) left &= left - 1;
  if (size && !left) return DAMAGED;
  u64 at = left & -left, passed = *others & (at - 1); /* all if no zero is left */
  correct(b, band, passed, coefficients);
  *others &= ~passed;
  *zeros = left & ~at;
  if (!size) return OK;
  coefficients[band->place[__builtin_ctzll(at)]] = (i16)value;
  *added |= at;
  return OK;
}

/* G.1.2.3 */
static INLINE Status refine_band(Bits *bits, const Band *band, i16 *coefficients, u64 *nonzero,
                                 u32 *end_of_band) {
  Bits b = *bits;
  u64 all = band_bits(band->first, band->last), others = *nonzero & all, zeros = all & ~others;
  u64 added = 0;
  while (!*end_of_band && (zeros | others)) {
    u32 symbol = read_symbol(band->table, &b), run = symbol >> 4, size = symbol & 15;
    if (symbol == NO_SYMBOL || size > 1) return DAMAGED;
    if (size || run == 15) {
      TRY(refine_one(&b, band, symbol, coefficients, &zeros, &others, &added));
      continue;
    }
    read_end_of_band(&b, run, end_of_band);
    ++*end_of_band; /* this block included */
  }
  if (*end_of_band) {
    correct(&b, band, others, coefficients);
    --*end_of_band;
  }
  *nonzero |= added;
  *bits = b;
  return OK;
}

#endif
