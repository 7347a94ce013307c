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

static INLINE void add_token(Tokens *tokens, u32 token) {
  tokens->counts[token & INDEX_MASK]++;
  *tokens->at++ = token;
}

static INLINE void add_symbol(Tokens *tokens, u32 table, u32 symbol, u32 bits, u32 count) {
  add_token(tokens, token(table, symbol, bits, count));
}

/* An AC coefficient after `run` zeros, at most 15: Figure F.1. */
static INLINE void add_value(Tokens *tokens, u32 table, u32 run, i32 value) {
  add_token(tokens, tokens->of_value[value & (VALUES - 1)] | table << 8 | run << 4);
}

/* For all scans of an image. */
static inline void list_values(Tokens *tokens) {
  for (i32 value = 1 - VALUES / 2; value < VALUES / 2; value++) {
    u32 size = size_of(value);
    tokens->of_value[value & (VALUES - 1)] = token(0, size, low_bits(value, size), size);
  }
}

static inline void start_tokens(Tokens *tokens) {
  __builtin_memset(tokens->counts, 0, sizeof tokens->counts);
  tokens->loose_bits = 0;
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
