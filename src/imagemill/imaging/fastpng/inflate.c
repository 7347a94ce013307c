/* Decompression: RFC 1950 and RFC 1951. */
#include "inflate.h"

#include <wasm_simd128.h>

void start_inflating(Inflater *inflater, u8 *out, u8 *limit) {
  inflater->next = (Bits){0, 0, 0};
  inflater->stage = ZLIB_HEADER;
  inflater->is_last = inflater->is_final = inflater->stored = inflater->checksum = 0;
  inflater->out = out;
  inflater->oldest = out;
  inflater->limit = limit;
  inflater->end = 0;
}

static u32 is_short(const Inflater *inflater, u32 bytes) {
  return !inflater->is_last && (size_t)(inflater->end - inflater->next.at) < bytes;
}

/* True if zeros after the end of the input have been used. */
static u32 has_run_out(const Inflater *inflater) {
  return inflater->next.at - inflater->next.count / 8 > inflater->end;
}

/* RFC 1950, 2.2. A preset dictionary is not permitted in PNG (10.1). */
static Status read_zlib_header(Inflater *inflater) {
  if (is_short(inflater, HEADER_BYTES)) return WANTS_INPUT;
  refill(&inflater->next);
  u32 method = take(&inflater->next, 8), flags = take(&inflater->next, 8);
  if ((method & 15) != 8 || method >> 4 > 7 || (method << 8 | flags) % 31 || flags & 32) return DAMAGED;
  inflater->stage = BLOCK_HEADER;
  return OK;
}

/* 3.2.7: the lengths of the code for lengths, which follows in this order. */
static Status read_length_codes(Bits *next, u32 *table, u32 count) {
  static const u8 order[LENGTH_CODES] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5,
                                         11, 4,  12, 3, 13, 2, 14, 1, 15};
  u8 lengths[LENGTH_CODES] = {0};
  for (u32 i = 0; i < count; i++) {
    refill(next);
    lengths[order[i]] = (u8)take(next, 3);
  }
  return build_lengths(table, lengths);
}

/* 3.2.7: lengths of the codes for literals and distances, with repetitions. */
static Status read_lengths(Bits *next, const u32 *table, u8 *lengths, u32 count) {
  for (u32 at = 0; at < count;) {
    refill(next);
    u32 entry = table[next->bits & ((1 << LENGTH_CODE_BITS) - 1)], symbol = entry >> 16, value = 0, times;
    drop(next, entry & 63);
    if (symbol < 16) {
      lengths[at++] = (u8)symbol;
      continue;
    }
    if (symbol == 16 && !at) return DAMAGED;
    if (symbol == 16) value = lengths[at - 1];
    times = symbol == 16 ? 3 + take(next, 2) : symbol == 17 ? 3 + take(next, 3) : 11 + take(next, 7);
    if (times > count - at) return DAMAGED;
    while (times--) lengths[at++] = (u8)value;
  }
  return OK;
}

static Status read_dynamic_codes(Inflater *inflater) {
  u32 table[1 << LENGTH_CODE_BITS];
  u8 lengths[LITERAL_CODES + DISTANCE_CODES];
  Bits *next = &inflater->next;
  u32 literals = 257 + take(next, 5), distances = 1 + take(next, 5), codes = 4 + take(next, 4);
  if (literals > LITERAL_CODES || distances > DISTANCE_CODES) return DAMAGED;
  TRY(read_length_codes(next, table, codes));
  TRY(read_lengths(next, table, lengths, literals + distances));
  /* 3.2.7: every block has an end. */
  if (!lengths[256]) return DAMAGED;
  TRY(build_literals(inflater, lengths, literals));
  return build_distances(inflater, lengths + literals, distances);
}

/* 3.2.6. */
static Status use_fixed_codes(Inflater *inflater) {
  u8 lengths[FIXED_LITERAL_CODES];
  for (u32 i = 0; i < FIXED_LITERAL_CODES; i++)
    lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  TRY(build_literals(inflater, lengths, FIXED_LITERAL_CODES));
  for (u32 i = 0; i < 32; i++) lengths[i] = 5;
  return build_distances(inflater, lengths, 32);
}

/* Drops the bits before the next whole byte. */
static void align(Bits *next) {
  next->at -= next->count / 8;
  next->bits = 0;
  next->count = 0;
}

/* 3.2.4. */
static Status read_stored_length(Inflater *inflater) {
  Bits *next = &inflater->next;
  align(next);
  refill(next);
  u32 length = take(next, 16), complement = take(next, 16);
  if ((length ^ complement) != 0xFFFF) return DAMAGED;
  align(next);
  inflater->stored = length;
  inflater->stage = STORED;
  return OK;
}

/* 3.2.3. */
static Status read_block_header(Inflater *inflater) {
  if (is_short(inflater, HEADER_BYTES)) return WANTS_INPUT;
  refill(&inflater->next);
  inflater->is_final = take(&inflater->next, 1);
  u32 type = take(&inflater->next, 2);
  inflater->stage = CODES;
  Status status = type == 0   ? read_stored_length(inflater)
                  : type == 1 ? use_fixed_codes(inflater)
                  : type == 2 ? read_dynamic_codes(inflater)
                              : DAMAGED;
  return status == OK && has_run_out(inflater) ? DAMAGED : status;
}

static void end_block(Inflater *inflater) {
  inflater->stage = inflater->is_final ? CHECKSUM : BLOCK_HEADER;
}

static Status copy_stored(Inflater *inflater) {
  size_t bytes = inflater->stored, there = (size_t)(inflater->end - inflater->next.at);
  size_t room = (size_t)(inflater->limit - inflater->out);
  if (bytes > there) bytes = there;
  if (bytes > room) bytes = room;
  __builtin_memcpy(inflater->out, inflater->next.at, bytes);
  inflater->out += bytes;
  inflater->next.at += bytes;
  inflater->stored -= (u32)bytes;
  if (inflater->stored && inflater->out == inflater->limit) return FULL;
  if (inflater->stored) return inflater->is_last ? DAMAGED : WANTS_INPUT;
  end_block(inflater);
  return OK;
}

/* Positions of 16 bytes that repeat after `distance`, and their longest multiple of it. */
#define REPEAT(d) {0, 1 % d, 2 % d, 3 % d, 4 % d, 5 % d, 6 % d, 7 % d, 8 % d, 9 % d, 10 % d, 11 % d, \
                   12 % d, 13 % d, 14 % d, 15 % d}
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

static inline u8 *put_literals(Bits *next, u8 *out, u32 entry) {
  u16 both = (u16)(entry >> 16);
  __builtin_memcpy(out, &both, 2);
  drop(next, entry & 63);
  return out + (entry >> 8 & 3);
}

static inline u32 look_up(const u32 *table, u32 bits, Bits *next) {
  u32 entry = table[next->bits & ((1u << bits) - 1)];
  if ((entry & ENTRY_KIND) != ENTRY_SECOND) return entry;
  drop(next, bits);
  return table[(entry >> 16) + (next->bits & ((1u << (LONGEST_CODE - bits)) - 1))];
}

/* The value of a length or distance: base and extra bits. */
static inline u32 read_value(Bits *next, u32 entry) {
  drop(next, entry & 63);
  return (entry >> 16) + take(next, entry >> 10 & 15);
}

/* Reads codes until input or room run out, or the block ends. */
static Status read_codes(Inflater *inflater) {
  Bits next = inflater->next;
  u8 *out = inflater->out, *limit = inflater->limit - OUTPUT_MARGIN;
  const u8 *end = inflater->is_last ? inflater->end + 8 : inflater->end - 15, *oldest = inflater->oldest;
  const u32 *literals = inflater->literals, mask = (1 << LITERAL_BITS) - 1;
  Status status = OK;
  while (next.at < end && out < limit) {
    refill(&next);
    u32 entry = literals[next.bits & mask];
    if (entry & ENTRY_LITERALS) {
      out = put_literals(&next, out, entry);
      entry = literals[next.bits & mask];
      if (entry & ENTRY_LITERALS) {
        out = put_literals(&next, out, entry);
        entry = literals[next.bits & mask];
        if (entry & ENTRY_LITERALS) {
          out = put_literals(&next, out, entry);
          entry = literals[next.bits & mask];
          if (entry & ENTRY_LITERALS) {
            out = put_literals(&next, out, entry);
            continue;
          }
        }
      }
    }
    if (entry & ENTRY_KIND) {
      entry = look_up(literals, LITERAL_BITS, &next);
      if (entry & ENTRY_LITERALS) {
        out = put_literals(&next, out, entry);
        continue;
      }
      if (entry & ENTRY_KIND) {
        if ((entry & ENTRY_KIND) != ENTRY_END) status = DAMAGED;
        drop(&next, entry & 63);
        end_block(inflater);
        break;
      }
    }
    u32 length = read_value(&next, entry);
    refill(&next);
    entry = look_up(inflater->distances, DISTANCE_BITS, &next);
    u32 distance = read_value(&next, entry);
    if (entry & ENTRY_KIND || distance > (size_t)(out - oldest)) {
      status = DAMAGED;
      break;
    }
    out = copy_match(out, distance, length);
  }
  inflater->next = next;
  inflater->out = out;
  if (status == OK && has_run_out(inflater)) return DAMAGED;
  if (status != OK || inflater->stage != CODES) return status;
  return out >= limit ? FULL : inflater->is_last ? DAMAGED : WANTS_INPUT;
}

/* RFC 1950, 2.2. */
static Status read_checksum(Inflater *inflater) {
  if (is_short(inflater, HEADER_BYTES)) return WANTS_INPUT;
  Bits *next = &inflater->next;
  align(next);
  refill(next);
  inflater->checksum = __builtin_bswap32((u32)next->bits);
  drop(next, 32);
  inflater->stage = ENDED;
  return has_run_out(inflater) ? DAMAGED : OK;
}

/* Decompresses until the room is FULL, more input is wanted, or the stream has ENDED: OK. */
Status inflate(Inflater *inflater) {
  Status status = OK;
  while (status == OK && inflater->stage != ENDED) {
    switch (inflater->stage) {
      case ZLIB_HEADER: status = read_zlib_header(inflater); break;
      case BLOCK_HEADER: status = read_block_header(inflater); break;
      case STORED: status = copy_stored(inflater); break;
      case CODES: status = read_codes(inflater); break;
      default: status = read_checksum(inflater); break;
    }
  }
  return status;
}
