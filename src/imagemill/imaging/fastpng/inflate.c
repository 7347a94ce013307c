/* Decompression: RFC 1950 and RFC 1951. */
#include "inflate.h"

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

/* RFC 1950, 2.2. A preset dictionary is not permitted in PNG (10.1). */
static Status read_zlib_header(Inflater *inflater) {
  if (is_short(inflater, HEADER_BYTES)) return WANTS_INPUT;
  refill(&inflater->next);
  u32 method = take(&inflater->next, 8), flags = take(&inflater->next, 8);
  u32 is_deflate = (method & 15) == 8 && method >> 4 <= 7, has_dictionary = flags & 32;
  if (!is_deflate || has_dictionary || (method << 8 | flags) % 31) return DAMAGED;
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
    u32 entry = table[next->bits & ((1 << LENGTH_CODE_BITS) - 1)], symbol = entry >> 16;
    u32 value = 0, times;
    drop(next, entry & ENTRY_BITS);
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
  for (u32 i = 0; i < FIXED_DISTANCE_CODES; i++) lengths[i] = 5;
  return build_distances(inflater, lengths, FIXED_DISTANCE_CODES);
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
