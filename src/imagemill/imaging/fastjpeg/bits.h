/* The entropy-coded bits: F.2.2.5, NEXTBIT, many at a time.
 *
 * Coded bytes are freed of their stuffing (B.1.1.5) and written backwards, from the top of a window
 * downwards, so that one little-endian load yields 64 bits in their order. Where a marker or the file
 * ends the data, zeros follow; `has_run_out` tells whether any of them were taken for data.
 */
#ifndef BITS_H
#define BITS_H

#include "jpeg.h"

typedef struct {
  u64 bits;      /* the next ones, uppermost first */
  u32 count;     /* how many of them are accounted for */
  const u8 *at;  /* what follows them lies below */
} Bits;

typedef struct {
  Bits next;
  const u8 *source, *end; /* what is still to be copied into the window */
  u8 *lowest;             /* the last byte copied */
  u8 is_complete;         /* all up to a marker, or the end, has been */
} Reader;

/* Bytes behind the last block, or before a restart, that some encoders write. */
enum { MOST_LEFT_OVER = 16 };

/* Bytes that one MCU cannot exceed: ten blocks of 64 coefficients of 16 + 15 bits. */
enum { MOST_OF_MCU = 4096 };

Status start_reading(Reader *reader, const u8 *at, const u8 *end);
Status restart(Reader *reader, u32 number);
Status finish_reading(const Reader *reader, const u8 **at);
void fill_window(Reader *reader);

/* After it at least 56 bits are there. */
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

/* EXTEND of F.2.2.1, on `count` bits, 1 to 16. */
static inline i32 extend(u32 bits, u32 count) {
  return bits < 1u << (count - 1) ? (i32)bits - (i32)(1u << count) + 1 : (i32)bits;
}

/* RECEIVE and EXTEND; no bits are the value 0. */
static inline i32 receive_extend(Bits *b, u32 count) {
  if (!count) return 0;
  i32 value = extend(peek(b, count), count);
  drop(b, count);
  return value;
}

/* As many as a block can have. */
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

/* Sees to it that a whole MCU can be read without looking at the window's end. */
static inline Status make_ready(Reader *reader) {
  if (reader->next.at >= reader->lowest + MOST_OF_MCU) return OK;
  if (!reader->is_complete) fill_window(reader);
  return has_run_out(reader) ? DAMAGED : OK;
}

#endif
