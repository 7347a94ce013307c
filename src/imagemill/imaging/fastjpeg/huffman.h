/* What stands in the look-up tables, and looking them up. */
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include "bits.h"

enum { EOB = 0x00, ZRL = 0xF0, NO_SYMBOL = 256 }; /* F.1.2.2.1 */

/* An entry of Table.value: the value in the upper half, then how far on the next coefficient is (ENDS
 * behind an EOB; the symbol itself, for FOR_SYMBOLS), then the bits used. No bits: the code or its value
 * is too long, and instead of a step there is the least number of bits that the code may have. */
enum { ENDS = LAST + 1 };

static inline u32 make_entry(i32 value, u32 step, u32 bits) {
  return (u32)value << 16 | step << 8 | bits;
}

static inline u32 entry_bits(u32 entry) { return entry & 255; }
static inline u32 entry_step(u32 entry) { return entry >> 8 & 255; }
static inline int is_escape(u32 entry) { return !entry_bits(entry); }
static inline i32 entry_value(u32 entry) { return (i32)entry >> 16; }

/* An entry of Table.skip_used and Table.skip_passed: bits, and coefficients passed, more by SKIP_ENDS
 * where an EOB ends the block. No bits, and more coefficients than there are: not even one symbol. */
typedef struct {
  u32 used, passed;
} Skip;
enum { SKIP_ENDS = 128, SKIP_NONE = 255 };

/* DECODE of F.2.2.3 on codes of `least` bits and more; NO_SYMBOL for bits that no code begins with. Wants
 * 16 bits there. */
u32 find_symbol(const Table *table, u32 least, u32 bits, u32 *length);

/* Bits go in and out by value: what they are kept in is no memory that a function might look at. */
static INLINE u32 decode_symbol(const Table *table, u32 escape, Bits *b) {
  u32 length, symbol = find_symbol(table, entry_step(escape), peek(b, 16), &length);
  drop(b, length);
  return symbol;
}

static INLINE u32 decode_any(const Table *table, Bits *b) {
  return decode_symbol(table, make_entry(0, 1, 0), b);
}

/* Reads a DC difference, F.2.2.1, and leaves at least 46 bits there. */
static INLINE Status read_difference(const Table *table, Bits *b, i32 *difference) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  if (!is_escape(entry)) {
    drop(b, entry_bits(entry));
    *difference = entry_value(entry);
    return OK;
  }
  u32 size = decode_symbol(table, entry, b);
  if (size == NO_SYMBOL) return CORRUPT;
  *difference = receive_extend(b, size);
  refill(b);
  return OK;
}

#endif
