/* Entries of the look-up tables, and their use. */
#ifndef HUFFMAN_H
#define HUFFMAN_H

#include <wasm_simd128.h>

#include "bits.h"

enum { EOB = 0x00, ZRL = 0xF0, NO_SYMBOL = 256 }; /* F.1.2.2.1 */

/* Entry of Table.value: in the upper half the value, then the distance to the next coefficient (ENDS
 * after an EOB; the symbol itself for FOR_SYMBOLS), then the bits used. Zero bits: the code or its
 * value is too long for the table. */
enum { ENDS = 2 * (LAST + 1), ESCAPE = 0 };

static inline u32 make_entry(i32 value, u32 step, u32 bits) {
  return (u32)value << 16 | step << 8 | bits;
}

static inline u32 entry_bits(u32 entry) { return entry & 255; }
static inline u32 entry_step(u32 entry) { return entry >> 8 & 255; }
static inline int is_escape(u32 entry) { return !entry_bits(entry); }
static inline i32 entry_value(u32 entry) { return (i32)entry >> 16; }

/* Entry of Table.skip: the bits used in the lower six bits, above them the coefficients skipped, plus
 * SKIP_ENDS if an EOB ends the block. Zero bits and SKIP_NONE coefficients: not even one symbol fits.
 * Entries may be added as long as they use no more than 63 bits. */
enum { SKIP_ENDS = 128, SKIP_NONE = 255, MOST_SKIPPED = 56 / 3 };

static inline u32 make_skip(u32 used, u32 passed) { return passed << 6 | used; }

static inline u32 skip_used(u32 entry) { return entry & 63; }
static inline u32 skip_passed(u32 entry) { return entry >> 6; }

/* DECODE of F.2.2.3, all lengths at once; NO_SYMBOL for bits that begin no code. Needs 16 valid bits.
 * Without loop or call: inside the block decoder either would cost registers. */
static INLINE u32 decode_symbol(const Table *table, Bits *b) {
  v128_t next = wasm_i16x8_splat((i16)peek(b, 16));
  v128_t is_longer = wasm_i8x16_narrow_i16x8(wasm_u16x8_ge(next, wasm_v128_load(table->limit)),
                                             wasm_u16x8_ge(next, wasm_v128_load(table->limit + 8)));
  u32 length = 1 + (u32)__builtin_ctz(~wasm_i8x16_bitmask(is_longer));
  if (length > 16) return NO_SYMBOL;
  u32 code = peek(b, length);
  drop(b, length);
  return table->values[(u32)(table->value_offset[length] + (i32)code) & 255];
}

/* Reads a DC difference, F.2.2.1; at least 46 bits stay valid. */
static INLINE Status read_difference(const Table *table, Bits *b, i32 *difference) {
  refill(b);
  u32 entry = table->value[peek(b, VALUE_BITS)];
  if (!is_escape(entry)) {
    drop(b, entry_bits(entry));
    *difference = entry_value(entry);
    return OK;
  }
  u32 size = decode_symbol(table, b);
  if (size == NO_SYMBOL) return DAMAGED;
  *difference = receive_extend(b, size);
  refill(b);
  return OK;
}

#endif
