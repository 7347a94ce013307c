/* Tables of Huffman codes: RFC 1951, 3.2.2. */
#include "inflate.h"

enum { MOST_CODES = FIXED_LITERAL_CODES };

typedef struct {
  u32 *table;
  u32 bits;         /* of the first look-up */
  u32 second;       /* index of the current second table */
  u32 start;        /* first bits of the codes that it serves */
  u16 counts[LONGEST_CODE + 1];
  u16 sorted[MOST_CODES]; /* symbols by length, then by value */
} Builder;

/* Sorts the symbols by the length of their code; returns the sum of 2^(15 - length). */
static u32 sort(Builder *builder, const u8 *lengths, u32 codes) {
  u16 starts[LONGEST_CODE + 2] = {0};
  u32 used = 0;
  __builtin_memset(builder->counts, 0, sizeof builder->counts);
  for (u32 symbol = 0; symbol < codes; symbol++) builder->counts[lengths[symbol]]++;
  builder->counts[0] = 0;
  for (u32 length = 1; length <= LONGEST_CODE; length++) {
    starts[length + 1] = starts[length] + builder->counts[length];
    used += (u32)builder->counts[length] << (LONGEST_CODE - length);
  }
  for (u32 symbol = 0; symbol < codes; symbol++)
    if (lengths[symbol]) builder->sorted[starts[lengths[symbol]]++] = (u16)symbol;
  return used;
}

/* The next code of the same length, both with their first bit lowest. */
static u32 next_code(u32 code, u32 length) {
  u32 bit = 1u << (length - 1);
  while (code & bit) bit >>= 1;
  return bit ? (code & (bit - 1)) | bit : 0;
}

/* Writes the entry of a code that is longer than the first look-up into its second table. Codes that
 * begin alike follow one another. */
static void put_long(Builder *builder, u32 code, u32 length, u32 entry) {
  u32 start = code & ((1u << builder->bits) - 1), size = 1u << (LONGEST_CODE - builder->bits);
  if (start != builder->start) {
    builder->second += size;
    builder->start = start;
    builder->table[start] = builder->second << 16 | ENTRY_SECOND | builder->bits;
  }
  u32 *table = builder->table + builder->second;
  u32 rest = length - builder->bits;
  for (u32 at = code >> builder->bits; at < size; at += 1u << rest) table[at] = entry | rest;
}

static void put_short(Builder *builder, u32 code, u32 length, u32 entry) {
  for (u32 at = code; at < 1u << builder->bits; at += 1u << length) builder->table[at] = entry | length;
}

/* Fills the tables; `values` are the entries of the symbols without the number of bits. */
static void fill(Builder *builder, const u32 *values) {
  u32 code = 0, at = 0;
  for (u32 length = 1; length <= LONGEST_CODE; length++) {
    for (u32 left = builder->counts[length]; left; left--) {
      u32 entry = values[builder->sorted[at++]];
      if (length > builder->bits) put_long(builder, code, length, entry);
      else put_short(builder, code, length, entry);
      code = next_code(code, length);
    }
  }
}

/* Builds complete sets of codes only. With `is_partial` no code or one of one bit is permitted too, as
 * 3.2.7 does for distances. */
static Status build(u32 *table, u32 bits, const u8 *lengths, u32 codes, const u32 *values,
                    u32 is_partial) {
  /* The first second table follows the table of the first look-up; no code begins with 1 << bits. */
  Builder builder = {.table = table, .bits = bits, .start = 1u << bits};
  builder.second = (1u << bits) - (1u << (LONGEST_CODE - bits));
  u32 used = sort(&builder, lengths, codes);
  u32 is_one = used == 1u << (LONGEST_CODE - 1) && builder.counts[1] == 1;
  u32 is_single = is_partial && (!used || is_one);
  if (used != 1u << LONGEST_CODE && !is_single) return DAMAGED;
  if (is_single)
    for (u32 at = 0; at < 1u << bits; at++) table[at] = ENTRY_INVALID;
  fill(&builder, values);
  return OK;
}

/* Joins two literals whose codes fit into one look-up. From the last entry down, because the second
 * literal is looked up at a lower index, where entries must still be single. */
static void pair_literals(u32 *table) {
  for (u32 at = 1 << LITERAL_BITS; at-- > 1;) {
    u32 first = table[at], length = first & ENTRY_BITS;
    if (!(first & ENTRY_LITERALS)) continue;
    u32 second = table[at >> length], both = length + (second & ENTRY_BITS);
    if (!(second & ENTRY_LITERALS) || both > LITERAL_BITS) continue;
    table[at] = (first & 0xFF0000) | (second & 0xFF0000) << 8 | 2 << 8 | both;
  }
}

/* Entries of the symbols, without the number of bits; made at the first use. */
static u32 literal_values[FIXED_LITERAL_CODES], distance_values[FIXED_DISTANCE_CODES];
static u32 length_values[LENGTH_CODES];

/* 3.2.5: extra bits and bases. */
static void make_literal_values(void) {
  u32 base = 3;
  for (u32 symbol = 0; symbol < 256; symbol++) literal_values[symbol] = symbol << 16 | 1 << 8;
  for (u32 symbol = 257; symbol < 285; symbol++) {
    u32 extra = symbol < 265 ? 0 : (symbol - 261) / 4;
    literal_values[symbol] = base << 16 | extra << 10;
    base += 1u << extra;
  }
  literal_values[256] = ENTRY_END;
  literal_values[285] = LONGEST_MATCH << 16;
  /* 3.2.6: these never occur. */
  literal_values[286] = literal_values[287] = ENTRY_INVALID;
}

static void make_values(void) {
  u32 base = 1;
  if (literal_values[256]) return;
  make_literal_values();
  for (u32 symbol = 0; symbol < DISTANCE_CODES; symbol++) {
    u32 extra = symbol < 4 ? 0 : symbol / 2 - 1;
    distance_values[symbol] = base << 16 | extra << 10;
    base += 1u << extra;
  }
  /* 3.2.6: these never occur. */
  distance_values[30] = distance_values[31] = ENTRY_INVALID;
  for (u32 symbol = 0; symbol < LENGTH_CODES; symbol++) length_values[symbol] = symbol << 16;
}

Status build_literals(Inflater *inflater, const u8 *lengths, u32 codes) {
  make_values();
  TRY(build(inflater->literals, LITERAL_BITS, lengths, codes, literal_values, 0));
  pair_literals(inflater->literals);
  return OK;
}

Status build_distances(Inflater *inflater, const u8 *lengths, u32 codes) {
  make_values();
  return build(inflater->distances, DISTANCE_BITS, lengths, codes, distance_values, 1);
}

Status build_lengths(u32 *table, const u8 *lengths) {
  make_values();
  return build(table, LENGTH_CODE_BITS, lengths, LENGTH_CODES, length_values, 0);
}
