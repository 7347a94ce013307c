/* Reader of the entropy-coded bits: F.2.2.5, NEXTBIT, many at a time.
 *
 * Byte stuffing (B.1.1.5) is removed, and the bytes are written backwards, from the top of a window
 * downwards, so that one little-endian load gives 64 bits in order. Zeros follow the data, which end
 * at a marker or at the end of the file; `has_run_out` tells whether any of the zeros have been read.
 */
#ifndef BITS_H
#define BITS_H

#include "jpeg.h"

typedef struct {
  u64 bits;      /* the next bits, the first one uppermost */
  u32 count;     /* how many of them are valid */
  const u8 *at;  /* the following bytes lie below */
} Bits;

typedef struct {
  Bits next;
  const u8 *source, *end; /* bytes not yet copied into the window */
  u8 *lowest;             /* the last byte copied */
  u8 is_complete;         /* everything up to a marker or the end is copied */
} Reader;

/* Bytes after the last block, or before a restart, that are tolerated: some encoders write them. */
enum { MOST_LEFT_OVER = 16 };

/* Upper bound of the bytes of one MCU: ten blocks of 64 coefficients of 16 + 15 bits. */
enum { MOST_OF_MCU = 4096 };

Status start_reading(Reader *reader, const u8 *at, const u8 *end);
Status restart(Reader *reader, u32 number);
Status finish_reading(const Reader *reader, const u8 **at);
void fill_window(Reader *reader);

/* Afterwards at least 56 bits are valid. */
static inline void refill(Bits *b) {
  u64 more;
  __builtin_memcpy(&more, b->at - 8, 8);
  b->bits |= more >> b->count;
  b->at -= (63 - b->count) >> 3;
  b->count |= 56;
}

static inline u32 peek(const Bits *b, u32 count) { return (u32)(b->bits >> (64 - count)); }

static inline void drop(Bits *b, u32 count) {
  b->bits <<= count;
  b->count -= count;
}

/* EXTEND of F.2.2.1 for `count` bits, 1 to 16. */
static inline i32 extend(u32 bits, u32 count) {
  return bits < 1u << (count - 1) ? (i32)bits - (i32)(1u << count) + 1 : (i32)bits;
}

/* RECEIVE and EXTEND; zero bits give the value 0. */
static inline i32 receive_extend(Bits *b, u32 count) {
  if (!count) return 0;
  i32 value = extend(peek(b, count), count);
  drop(b, count);
  return value;
}

/* For up to 64 bits. */
static inline void drop_many(Bits *b, u32 count) {
  if (count > 32) {
    refill(b);
    drop(b, 32);
    count -= 32;
  }
  refill(b);
  drop(b, count);
}

static inline int has_run_out(const Reader *reader) {
  return reader->next.at + reader->next.count / 8 < reader->lowest;
}

/* Ensures that a whole MCU can be read without checking for the end of the window. */
static inline Status make_ready(Reader *reader) {
  if (reader->next.at >= reader->lowest + MOST_OF_MCU) return OK;
  if (!reader->is_complete) fill_window(reader);
  return has_run_out(reader) ? DAMAGED : OK;
}

#endif
