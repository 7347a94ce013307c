/* Fills the window that bits are read from. */
#include "bits.h"

#include <wasm_simd128.h>

enum {
  WINDOW = 1 << 16,
  BELOW = 2 * MOST_OF_MCU, /* free space below: reads past the end are noticed only after an MCU */
  ZEROS = 64,
  RST0 = 0xD0,
  RST7 = 0xD7,
};

static u8 window[WINDOW + 16];

/* Copies 16 bytes; returns how many precede the first 0xFF, which may begin a marker. */
static inline u32 copy_sixteen(const u8 *from, u8 *to) {
  v128_t bytes = wasm_v128_load(from);
  wasm_v128_store(to - 16, wasm_i8x16_shuffle(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
                                              4, 3, 2, 1, 0));
  u32 is_ff = wasm_i8x16_bitmask(wasm_i8x16_eq(bytes, wasm_i8x16_splat(-1)));
  return (u32)__builtin_ctz(is_ff | 1u << 16);
}

static u8 *copy_plain(Reader *reader, u8 *to, const u8 *limit) {
  const u8 *from = reader->source;
  while (reader->end - from >= 16 && to > limit) {
    u32 plain = copy_sixteen(from, to);
    if (plain < 16) { /* a branch, so that the code after it does not wait for the count */
      from += plain;
      to -= plain;
      break;
    }
    from += 16;
    to -= 16;
  }
  reader->source = from;
  return to;
}

/* Copies one byte. B.1.1.5: 0xFF 0x00 stands for 0xFF; fill bytes may precede a marker. */
static u8 *copy_one(Reader *reader, u8 *to) {
  const u8 *from = reader->source;
  if (*from != 0xFF) {
    reader->source++;
    *--to = *from;
  } else if (reader->end - from < 2) {
    reader->is_complete = 1;
  } else if (from[1] == 0x00) {
    reader->source += 2;
    *--to = 0xFF;
  } else if (from[1] == 0xFF) {
    reader->source++;
  } else {
    reader->is_complete = 1;
  }
  return to;
}

void fill_window(Reader *reader) {
  u8 *top = window + WINDOW;
  size_t unread = reader->next.at > reader->lowest ? (size_t)(reader->next.at - reader->lowest) : 0;
  u8 *to = top - unread;
  const u8 *limit = window + BELOW;
  __builtin_memmove(to, reader->lowest, unread);
  reader->next.at = top;
  while (to > limit && !reader->is_complete) {
    to = copy_plain(reader, to, limit);
    if (reader->source == reader->end) reader->is_complete = 1;
    else if (to > limit) to = copy_one(reader, to);
  }
  reader->lowest = to;
  if (reader->is_complete) __builtin_memset(to - ZEROS, 0, ZEROS);
}

Status start_reading(Reader *reader, const u8 *at, const u8 *end) {
  u8 *top = window + WINDOW;
  *reader = (Reader){.next = {0, 0, top}, .source = at, .end = end, .lowest = top};
  fill_window(reader);
  return OK;
}

/* Bytes in the window that are not used by any block. */
static u32 left_over(const Reader *reader) {
  return (u32)(reader->next.at - reader->lowest) + reader->next.count / 8;
}

/* E.2.4: the next interval begins after RSTm, m counting modulo 8. All earlier bytes must be used. */
Status restart(Reader *reader, u32 number) {
  const u8 *marker = reader->source;
  if (has_run_out(reader) || !reader->is_complete) return DAMAGED;
  if (left_over(reader)) return left_over(reader) > MOST_LEFT_OVER ? DAMAGED : CORRUPT;
  if (reader->end - marker < 2 || marker[1] != RST0 + (number & 7)) return DAMAGED;
  return start_reading(reader, marker + 2, reader->end);
}

/* Moves `at` to the marker after a scan. Many unused bytes before it mean that blocks were misread. */
Status finish_reading(const Reader *reader, const u8 **at) {
  *at = next_marker(reader->source, reader->end);
  if (has_run_out(reader)) return DAMAGED;
  return left_over(reader) + (size_t)(*at - reader->source) > MOST_LEFT_OVER ? DAMAGED : OK;
}
