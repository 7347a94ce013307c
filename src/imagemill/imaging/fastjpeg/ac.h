/* AC coefficients of a block in a sequential scan, read or skipped: F.2.2.2. */
#ifndef AC_H
#define AC_H

#include "huffman.h"

/* Reads a symbol that does not fit into the look-up table, and its value. */
static INLINE Status read_long(const Table *table, Bits *b, u32 *step, i32 *value) {
  refill(b);
  u32 symbol = decode_symbol(table, b);
  if (symbol == NO_SYMBOL) return DAMAGED;
  if (!(symbol & 15) && symbol != EOB && symbol != ZRL) return CORRUPT;
  *step = symbol == EOB ? ENDS : (symbol >> 4) + 1;
  *value = receive_extend(b, symbol & 15);
  refill(b);
  return OK;
}

/* Reads a coefficient in at most VALUE_BITS valid bits. Moves k to it; by ENDS after an EOB. */
static INLINE Status read_one(const Table *table, Bits *b, u32 *k, i32 *value) {
  u32 entry = table->value[peek(b, VALUE_BITS)], step = entry_step(entry);
  *value = entry_value(entry);
  if (is_escape(entry)) TRY(read_long(table, b, &step, value));
  else drop(b, entry_bits(entry));
  *k += step;
  return OK;
}

/* Reads the coefficients up to `last`, at most 4, into zigzag order: F.2.2.2. `*reached` is the last one
 * read or skipped, ENDS and more after an EOB. After a DC difference the bits are sufficient. */
static INLINE Status read_lowest(const Table *table, Bits *b, u32 last, i16 *coefficients, u32 *reached) {
  u32 k = 0;
  i32 value;
  while (k < last) {
    TRY(read_one(table, b, &k, &value));
    coefficients[k] = (i16)value;
  }
  *reached = k;
  return OK;
}

static INLINE Status read_into(const Table *table, Bits *b, const u8 *place, i16 *coefficients, u32 *k) {
  i32 value;
  TRY(read_one(table, b, k, &value));
  coefficients[place[*k]] = (i16)value;
  return OK;
}

/* Reads the coefficients up to `last` into their places; `*reached` as above. */
static INLINE Status read_placed(const Table *table, Bits *b, const u8 *place, u32 last,
                                 i16 *coefficients, u32 *reached) {
  u32 k = 0;
  while (k < last) {
    refill(b); /* enough for four look-ups */
    TRY(read_into(table, b, place, coefficients, &k));
    if (k >= last) break;
    TRY(read_into(table, b, place, coefficients, &k));
    if (k >= last) break;
    TRY(read_into(table, b, place, coefficients, &k));
    if (k >= last) break;
    TRY(read_into(table, b, place, coefficients, &k));
  }
  *reached = k;
  return k > LAST && k < ENDS ? DAMAGED : OK;
}

/* Skips one coefficient, or EOB; `*reached` is LAST after it. */
static INLINE Status skip_one(const Table *table, Bits *b, u32 *reached) {
  refill(b);
  u32 symbol = decode_symbol(table, b), size = symbol & 15;
  if (symbol == NO_SYMBOL) return DAMAGED;
  if (!size && symbol != EOB && symbol != ZRL) return CORRUPT;
  drop(b, size);
  *reached = symbol == EOB ? LAST : *reached + (symbol >> 4) + 1;
  return *reached > LAST ? DAMAGED : OK;
}

/* Skips the coefficients of one look-up, unless that reaches the end of the block. `*seen` holds the bits
 * used and the coefficient reached before it, in the form of an entry, `*now` those after it. */
static INLINE int skip_some(const u16 *skips, Bits *b, u32 *seen, u32 *now) {
  u32 entry = skips[peek(b, SKIP_BITS)];
  *now = *seen + entry;
  if (*now >= make_skip(0, LAST)) return 0;
  b->bits <<= entry & 63;
  *seen = *now;
  return 1;
}

/* As many look-ups as refilled bits always suffice for; 0 if the end of the block was reached. */
static INLINE int skip_more(const u16 *skips, Bits *b, u32 *seen, u32 *now) {
  b->count -= skip_used(*seen);
  *seen -= skip_used(*seen);
  refill(b);
  return skip_some(skips, b, seen, now) && skip_some(skips, b, seen, now) &&
         skip_some(skips, b, seen, now);
}

/* Skips the rest of the block after coefficient k, several at a time. */
static INLINE Status skip_rest(const Table *table, Bits *b, u32 k) {
  const u16 *skips = table->skip;
  while (k < LAST) {
    u32 seen = make_skip(0, k), now;
    if (skip_more(skips, b, &seen, &now) && skip_more(skips, b, &seen, &now))
      skip_more(skips, b, &seen, &now);
    int is_ended = now - make_skip(0, SKIP_ENDS) < make_skip(0, LAST);
    if (is_ended || skip_passed(now) == LAST) { /* no EOB follows the last one */
      b->bits <<= skip_used(now - seen);
      b->count -= skip_used(now);
      return OK;
    }
    b->count -= skip_used(seen);
    k = skip_passed(seen);
    if (seen != now) TRY(skip_one(table, b, &k));
  }
  return OK;
}

#endif
