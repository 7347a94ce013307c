/* Tokens of a scan: a Huffman symbol and its additional bits in 32 bits. */
#ifndef TOKENS_H
#define TOKENS_H

#include "encoder.h"

/* From the low end: table and symbol, number of additional bits, and these bits. */
enum { COUNT_SHIFT = 11, COUNT_MASK = 15, BITS_SHIFT = 15, INDEX_MASK = (1 << COUNT_SHIFT) - 1 };

/* Index of tokens that are only bits: no table has it, and its code has no length. */
enum { NO_SYMBOL_INDEX = CODE_TABLES * SYMBOLS };

enum {
  END_OF_BLOCK = 0x00, /* F.1.2.2.1 */
  ZERO_RUN = 0xF0,     /* ZRL: sixteen zeros */
  MAX_END_OF_BAND = 0x7FFF, /* G.1.2.2: longest run of blocks with nothing left in the band */
};

/* SSSS of Tables F.1 and F.2: bits of the absolute value. */
static INLINE u32 size_of(i32 value) {
  return value ? 32 - (u32)__builtin_clz((u32)(value < 0 ? -value : value)) : 0;
}

/* F.1.2.1: the additional bits of a value; a negative one is lowered by one. */
static INLINE u32 low_bits(i32 value, u32 size) {
  return (u32)(value + (value >> 31)) & ((1u << size) - 1);
}

static INLINE u32 token(u32 table, u32 symbol, u32 bits, u32 count) {
  return bits << BITS_SHIFT | count << COUNT_SHIFT | table << 8 | symbol;
}

static INLINE void add_symbol(Tokens *tokens, u32 table, u32 symbol, u32 bits, u32 count) {
  tokens->counts[table][symbol]++;
  *tokens->at++ = token(table, symbol, bits, count);
}

/* Bits without a symbol, in pieces that a token can hold. */
static INLINE void add_bits(Tokens *tokens, u64 bits, u32 count) {
  tokens->loose_bits += count;
  for (u32 piece; count; count -= piece) {
    piece = count < COUNT_MASK ? count : COUNT_MASK;
    u32 next = (u32)(bits >> (count - piece)) & ((1u << piece) - 1);
    *tokens->at++ = next << BITS_SHIFT | piece << COUNT_SHIFT | NO_SYMBOL_INDEX;
  }
}

#endif
