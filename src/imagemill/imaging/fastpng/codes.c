/* Compressed data of a block: RFC 1951, 3.2.3 and 3.2.5. */
#include "inflate.h"

#include <wasm_simd128.h>

/* Look-ups of literals between two refills: 48 of at least 56 bits. After three of them 20 bits are
 * left, enough for a length with its extra bits. */
enum { RUN = 4 };

/* Positions of 16 bytes that repeat after `distance`, and their longest multiple of it. */
#define REPEAT(d) \
  {0, 1 % d, 2 % d, 3 % d, 4 % d, 5 % d, 6 % d, 7 % d, 8 % d, 9 % d, 10 % d, 11 % d, 12 % d, 13 % d, \
   14 % d, 15 % d}
static const u8 repeats[16][16] = {
    REPEAT(16), REPEAT(1),  REPEAT(2),  REPEAT(3),  REPEAT(4),  REPEAT(5),  REPEAT(6),  REPEAT(7),
    REPEAT(8),  REPEAT(9),  REPEAT(10), REPEAT(11), REPEAT(12), REPEAT(13), REPEAT(14), REPEAT(15)};
static const u8 steps[16] = {0, 16, 16, 15, 16, 15, 12, 14, 16, 9, 10, 11, 12, 13, 14, 15};

/* Copies `length` bytes from `distance` bytes before, and up to 31 bytes more than that. */
static inline u8 *copy_match(u8 *out, u32 distance, u32 length) {
  const u8 *from = out - distance;
  u8 *end = out + length;
  if (distance >= 16) {
    do {
      wasm_v128_store(out, wasm_v128_load(from));
      out += 16;
      from += 16;
    } while (out < end);
    return end;
  }
  v128_t pattern = wasm_i8x16_swizzle(wasm_v128_load(from), wasm_v128_load(repeats[distance]));
  u32 step = steps[distance];
  do {
    wasm_v128_store(out, pattern);
    wasm_v128_store(out + step, pattern);
    out += 2 * step;
  } while (out < end);
  return end;
}

/* Writes the one or two literals of an entry. */
static inline u8 *put_literals(Bits *next, u8 *out, u32 entry) {
  u16 both = (u16)(entry >> 16);
  __builtin_memcpy(out, &both, sizeof both);
  drop(next, entry & ENTRY_BITS);
  return out + (entry >> 8 & 3);
}

/* Writes literals; returns the first entry that is none, or 0 if bits are needed before it is read. */
static inline u32 put_run(const u32 *literals, Bits *next, u8 **out) {
  refill(next);
#pragma clang loop unroll(full)
  for (u32 i = 0; i < RUN; i++) {
    u32 entry = literals[next->bits & ((1 << LITERAL_BITS) - 1)];
    if (!(entry & ENTRY_LITERALS)) return entry;
    *out = put_literals(next, *out, entry);
  }
  return 0;
}

/* The entry of a code that is longer than the first look-up. */
static inline u32 look_up_second(const u32 *table, u32 bits, Bits *next, u32 entry) {
  drop(next, bits);
  return table[(entry >> 16) + (next->bits & ((1u << (LONGEST_CODE - bits)) - 1))];
}

/* The value of a length or distance: base and extra bits. */
static inline u32 read_value(Bits *next, u32 entry) {
  drop(next, entry & ENTRY_BITS);
  return (entry >> 16) + take(next, entry >> 10 & 15);
}

/* Reads what follows the code of a length and copies; returns null for an invalid distance. */
static inline u8 *put_match(const Inflater *inflater, Bits *next, u8 *out, u32 entry) {
  const u32 *distances = inflater->distances;
  u32 length = read_value(next, entry);
  refill(next);
  entry = distances[next->bits & ((1 << DISTANCE_BITS) - 1)];
  if ((entry & ENTRY_KIND) == ENTRY_SECOND)
    entry = look_up_second(distances, DISTANCE_BITS, next, entry);
  u32 distance = read_value(next, entry);
  if (entry & ENTRY_KIND || distance > (size_t)(out - inflater->oldest)) return 0;
  return copy_match(out, distance, length);
}

static Status why_stopped(const Inflater *inflater, const u8 *limit) {
  if (has_run_out(inflater)) return DAMAGED;
  if (inflater->stage != CODES) return OK;
  if (inflater->out >= limit) return FULL;
  return inflater->is_last ? DAMAGED : WANTS_INPUT;
}

/* Reads codes until the block ends: OK, or until input or room run out. */
Status read_codes(Inflater *inflater) {
  Bits next = inflater->next;
  u8 *out = inflater->out, *limit = inflater->limit - OUTPUT_MARGIN;
  /* A step reads up to 15 bytes ahead: zeros after the last input. */
  const u8 *end = inflater->is_last ? inflater->end + 8 : inflater->end - 15;
  while (next.at < end && out < limit) {
    u32 entry = put_run(inflater->literals, &next, &out);
    if (!entry) continue;
    if ((entry & ENTRY_KIND) == ENTRY_SECOND) {
      entry = look_up_second(inflater->literals, LITERAL_BITS, &next, entry);
      if (entry & ENTRY_LITERALS) {
        out = put_literals(&next, out, entry);
        continue;
      }
    }
    if (entry & ENTRY_KIND) {
      if ((entry & ENTRY_KIND) == ENTRY_INVALID) return DAMAGED;
      drop(&next, entry & ENTRY_BITS);
      end_block(inflater);
      break;
    }
    u8 *after = put_match(inflater, &next, out, entry);
    if (!after) return DAMAGED;
    out = after;
  }
  inflater->next = next;
  inflater->out = out;
  return why_stopped(inflater, limit);
}
