/* Functions shared by decoding and checking progressive scans: G.1.2. */
#ifndef PROGRESSIVE_H
#define PROGRESSIVE_H

#include "huffman.h"

/* A bit for each coefficient from `first` to `last`; none if first > last. */
static inline u64 band_bits(u32 first, u32 last) {
  return first > last ? 0 : (~0ull >> (LAST - last)) & (~0ull << first);
}

static inline u32 count(u64 bits) { return (u32)__builtin_popcountll(bits); }

enum { NOT_KEPT = LAST }; /* place of a coefficient that is not stored, of one or two samples kept */

/* Coefficients stored of each block. */
static INLINE u32 stored_of(u32 kept) { return kept * (kept >= LEAST_WIDE ? BLOCK_SIDE : kept); }

/* The coefficients of a block; all blocks outside the part that is decoded share a place. */
static INLINE i16 *coefficients_of(const Component *c, u32 x, u32 y) {
  static i16 outside[BLOCK_SIDE * BLOCK_SIDE];
  u32 column = x - c->first_column, row = y - c->first_row; /* large if before it */
  if (column >= c->blocks_across || row >= c->blocks_down) return outside;
  return c->coefficients + ((size_t)row * c->blocks_across + column) * stored_of(c->kept);
}

static INLINE u32 read_symbol(const Table *table, Bits *b) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  if (is_escape(entry)) return decode_symbol(table, b);
  drop(b, entry_bits(entry));
  return entry_step(entry);
}

/* G.1.2.2: the band ends in this block and in `*end_of_band` more. */
static INLINE void read_end_of_band(Bits *b, u32 run, u32 *end_of_band) {
  *end_of_band = (1u << run) - 1;
  if (!run) return;
  *end_of_band += peek(b, run);
  drop(b, run);
}

/* An end-of-band run must not extend beyond the restart interval. */
static inline Status begin_interval(Reader *reader, Scan *scan, u32 number, u32 *end_of_band) {
  for (u32 i = 0; i < scan->components; i++) scan->component[i]->prediction = 0;
  if (*end_of_band) return CORRUPT;
  return restart(reader, number);
}

#endif
