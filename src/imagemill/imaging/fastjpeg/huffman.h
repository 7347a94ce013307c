/* What stands in the look-up tables, and looking them up. */
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include "bits.h"

enum { EOB = 0x00, ZRL = 0xF0, NO_SYMBOL = 256 }; /* F.1.2.2.1 */

/* An entry of Table.value: the value in the upper half, then how far on the next coefficient is (the
 * symbol itself, for FOR_SYMBOLS), then the bits used. No bits: the code or its value is too long. */
enum { ESCAPE = 0 };

static inline u32 make_entry(i32 value, u32 step, u32 bits) {
  return (u32)value << 16 | step << 8 | bits;
}

static inline u32 entry_bits(u32 entry) { return entry & 255; }
static inline u32 entry_step(u32 entry) { return entry >> 8 & 255; }
static inline i32 entry_value(u32 entry) { return (i32)entry >> 16; }

/* An entry of Table.skip: coefficients passed, more by SKIP_ENDS where an EOB ends the block, then the
 * bits used. All that leaves the straight path is larger than any number of coefficients. */
enum { SKIP_ENDS = 128, SKIP_ESCAPE = 255 << 8 };

u32 decode_symbol(const Table *table, Bits *b);

/* Reads a DC difference, F.2.2.1, and leaves at least 46 bits there. */
static INLINE Status read_difference(const Table *table, Bits *b, i32 *difference) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  if (entry != ESCAPE) {
    drop(b, entry_bits(entry));
    *difference = entry_value(entry);
    return OK;
  }
  u32 size = decode_symbol(table, b);
  if (size == NO_SYMBOL) return CORRUPT;
  *difference = receive_extend(b, size);
  refill(b);
  return OK;
}

#endif
