/* Decompression of a zlib stream (RFC 1950) in pieces: input and output may end anywhere. */
#ifndef INFLATE_H
#define INFLATE_H

#include "png.h"

enum {
  WINDOW = 32768,     /* RFC 1951, 2: the greatest distance */
  LONGEST_MATCH = 258,
  LITERAL_BITS = 12,  /* of a code looked up at once; longer ones need a second look-up */
  DISTANCE_BITS = 9,
  LONGEST_CODE = 15,  /* RFC 1951, 3.2.7 */
  LITERAL_CODES = 286, DISTANCE_CODES = 30, LENGTH_CODES = 19,
  FIXED_LITERAL_CODES = 288, FIXED_DISTANCE_CODES = 32,
  LENGTH_CODE_BITS = 7,
  /* Each second table has room for all longer codes that begin alike, and serves at least two. */
  LITERAL_ENTRIES = (1 << LITERAL_BITS) +
                    (1 << (LONGEST_CODE - LITERAL_BITS)) * (FIXED_LITERAL_CODES / 2),
  DISTANCE_ENTRIES = (1 << DISTANCE_BITS) + (1 << (LONGEST_CODE - DISTANCE_BITS)) * 16,
  /* Bytes that one step of the decoder writes at most beyond its check of the room. */
  OUTPUT_MARGIN = LONGEST_MATCH + ROOM,
  /* Upper bound of the bytes of a block's header: 17 bits, 19 of 3 bits and 316 of 14 bits. */
  HEADER_BYTES = 600,
};

/* Entries of the tables: bits 0 to 5 are the bits of the code.
 *
 * Literals: bits 8 and 9 count them, one or two; their bytes are in bits 16 to 31.
 * Lengths and distances: bits 10 to 13 are the number of extra bits, bits 16 to 31 the base.
 * Others: bits 14 and 15 are the kind, bits 16 to 31 the index of the second table. */
enum {
  ENTRY_BITS = 63,
  ENTRY_LITERALS = 3 << 8,
  ENTRY_KIND = 3 << 14,
  ENTRY_SECOND = 1 << 14,
  ENTRY_END = 2 << 14,
  ENTRY_INVALID = 3 << 14,
};

typedef enum { ZLIB_HEADER, BLOCK_HEADER, STORED, CODES, CHECKSUM, ENDED } Stage;

/* The next bits of the input, the first one lowest. Bits above `count` may be set: they equal those
 * at `at`. */
typedef struct {
  u64 bits;
  u32 count;
  const u8 *at;
} Bits;

typedef struct {
  Bits next;
  const u8 *end;    /* of the input that is there */
  u32 is_last;      /* nothing follows `end` but zeros that do not belong to the input */
  u8 *out, *limit;  /* next byte of the output, end of its room */
  const u8 *oldest; /* first byte of the output that is still there */
  Stage stage;
  u32 is_final;     /* RFC 1951, 3.2.3: BFINAL */
  u32 stored;       /* bytes of a stored block that are left */
  u32 checksum;     /* Adler-32 as the stream gives it, once ENDED */
  u32 literals[LITERAL_ENTRIES], distances[DISTANCE_ENTRIES];
} Inflater;

void start_inflating(Inflater *inflater, u8 *out, u8 *limit);
Status inflate(Inflater *inflater);

/* codes.c */
Status read_codes(Inflater *inflater);

/* huffman.c */
Status build_literals(Inflater *inflater, const u8 *lengths, u32 codes);
Status build_distances(Inflater *inflater, const u8 *lengths, u32 codes);
Status build_lengths(u32 *table, const u8 *lengths);

/* adler.c: RFC 1950, 9 */
u32 adler32(u32 sum, const u8 *data, size_t bytes);

static inline void end_block(Inflater *inflater) {
  inflater->stage = inflater->is_final ? CHECKSUM : BLOCK_HEADER;
}

/* Afterwards at least 56 bits are valid; up to 8 bytes at `at` are read. */
static inline void refill(Bits *b) {
  u64 more;
  __builtin_memcpy(&more, b->at, 8);
  b->bits |= more << b->count;
  b->at += (63 - b->count) >> 3;
  b->count |= 56;
}

/* True if zeros after the end of the input have been used. */
static inline u32 has_run_out(const Inflater *inflater) {
  return inflater->next.at - inflater->next.count / 8 > inflater->end;
}

static inline void drop(Bits *b, u32 count) {
  b->bits >>= count & 63;
  b->count -= count;
}

static inline u32 take(Bits *b, u32 count) {
  u32 value = (u32)b->bits & ((1u << count) - 1);
  drop(b, count);
  return value;
}

#endif
