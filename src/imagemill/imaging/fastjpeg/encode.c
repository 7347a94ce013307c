/* Planes → a baseline JPEG, 4:2:0 or grey, its Huffman tables made for it: Annex K.2. A prototype. */
#include <wasm_simd128.h>

#include "jpeg.h"
#include "wide.h"

typedef struct {
  u8 *at;
  u64 bits;
  u32 count;
} Out;

typedef struct {
  u32 codes[257]; /* code << 8 | length */
  u8 bits[17], values[256];
} Code;

static const u8 base[2][64] = { /* Table K.1, K.2: row by row */
    {16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
     18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};
static u8 steps[2][64]; /* zigzag */
static _Alignas(16) i16 reciprocal[2][64], shrink[2][64]; /* u * 8 + v */
static u8 zigzag_of[64]; /* of u * 8 + v */
static u32 frequency[2][2][257];
static Code code[2][2];

static void make_steps(u32 quality) {
  static const float aan[8] = {1.0f, 1.387039845f, 1.306562965f, 1.175875602f,
                               1.0f, 0.785694958f, 0.541196100f, 0.275899379f};
  u32 scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  for (u32 t = 0; t < 2; t++)
    for (u32 k = 0; k < 64; k++) {
      u32 u = natural[k] & 7, v = natural[k] >> 3, at = u * 8 + v;
      u32 step = (base[t][natural[k]] * scale + 50) / 100;
      if (step < 1) step = 1;
      if (step > 255) step = 255;
      steps[t][k] = (u8)step;
      zigzag_of[at] = (u8)k;
      float divisor = (float)step * aan[u] * aan[v] * 16, factor = 32768 / divisor;
      u32 n = 0;
      while (factor * 2 <= 32767) {
        factor *= 2;
        n++;
      }
      reciprocal[t][at] = (i16)(factor + 0.5f > 32767 ? 32767 : factor + 0.5f);
      shrink[t][at] = n ? (i16)(1 << (15 - n)) : 32767;
    }
}

static INLINE void forward(v128_t *d) {
  v128_t t0 = ADD(d[0], d[7]), t7 = SUB(d[0], d[7]), t1 = ADD(d[1], d[6]), t6 = SUB(d[1], d[6]);
  v128_t t2 = ADD(d[2], d[5]), t5 = SUB(d[2], d[5]), t3 = ADD(d[3], d[4]), t4 = SUB(d[3], d[4]);
  v128_t a = ADD(t0, t3), b = SUB(t0, t3), c = ADD(t1, t2), e = SUB(t1, t2);
  v128_t z1 = times(ADD(e, b), Q15(0.707106781));
  d[0] = ADD(a, c);
  d[4] = SUB(a, c);
  d[2] = ADD(b, z1);
  d[6] = SUB(b, z1);
  a = ADD(t4, t5);
  c = ADD(t5, t6);
  e = ADD(t6, t7);
  v128_t z5 = times(SUB(a, e), Q15(0.382683433)), z2 = ADD(times(a, Q15(0.541196100)), z5);
  v128_t z4 = ADD(ADD(e, times(e, Q15(0.306562965))), z5), z3 = times(c, Q15(0.707106781));
  v128_t z11 = ADD(t7, z3), z13 = SUB(t7, z3);
  d[5] = ADD(z13, z2);
  d[3] = SUB(z13, z2);
  d[1] = ADD(z11, z4);
  d[7] = SUB(z11, z4);
}

/* Quantized, at u * 8 + v; returns which are not nought. */
static INLINE u64 transform_block(const u8 *from, u32 stride, u32 t, i16 *to) {
  v128_t d[8], zero = wasm_i64x2_const(0, 0);
  for (u32 y = 0; y < 8; y++)
    d[y] = wasm_i16x8_shl(SUB(wasm_u16x8_load8x8(from + y * stride), wasm_i16x8_splat(128)), 1);
  forward(d);
  transpose(d, 0);
  forward(d);
  u64 mask = 0;
  for (u32 u = 0; u < 8; u += 2) {
    for (u32 i = u; i < u + 2; i++) {
      d[i] = scaled(d[i], wasm_v128_load(reciprocal[t] + 8 * i));
      d[i] = scaled(d[i], wasm_v128_load(shrink[t] + 8 * i));
      wasm_v128_store(to + 8 * i, d[i]);
    }
    v128_t nought = wasm_i8x16_narrow_i16x8(wasm_i16x8_eq(d[u], zero), wasm_i16x8_eq(d[u + 1], zero));
    mask |= (u64)(~(u32)wasm_i8x16_bitmask(nought) & 0xFFFF) << (8 * u);
  }
  return mask;
}

static INLINE u32 size_of(i32 value) { return value ? 32 - (u32)__builtin_clz((u32)(value < 0 ? -value : value)) : 0; }

/* A token: the bits of the value, the symbol, whose lower half says how many, and above all the table. */
static INLINE u32 token(i32 value, u32 run, u32 size) {
  u32 bits = (u32)(value < 0 ? value - 1 : value) & ((1u << size) - 1);
  return bits << 8 | run << 4 | size;
}

static INLINE u32 *tokens_of(const u8 *from, u32 stride, u32 t, i32 *prediction, u32 *to) {
  _Alignas(16) i16 c[64];
  i16 ordered[64];
  u64 mask = transform_block(from, stride, t, c), which = 0;
  i32 difference = c[0] - *prediction;
  *prediction = c[0];
  u32 size = size_of(difference), last = 0;
  frequency[0][t][size]++;
  *to++ = token(difference, 0, size);
  for (mask &= ~(u64)1; mask; mask &= mask - 1) {
    u32 at = (u32)__builtin_ctzll(mask), k = zigzag_of[at];
    which |= (u64)1 << k;
    ordered[k] = c[at];
  }
  u32 *count = frequency[1][t];
  for (; which; which &= which - 1) {
    u32 k = (u32)__builtin_ctzll(which), run = k - last - 1;
    i32 value = ordered[k];
    last = k;
    for (; run > 15; run -= 16) {
      *to++ = 0xF0;
      count[0xF0]++;
    }
    size = size_of(value);
    count[run << 4 | size]++;
    *to++ = token(value, run, size);
  }
  if (last != 63) {
    *to++ = 0;
    count[0]++;
  }
  return to;
}

/* Annex K.2: lengths by joining the two rarest, cut to 16 bits, and no code all ones. */
static void make_code(const u32 *counts, Code *made) {
  u32 freq[257];
  i32 size[257], others[257];
  u8 lengths[64] = {0};
  for (u32 i = 0; i < 257; i++) {
    freq[i] = i < 256 ? counts[i] : 1;
    size[i] = 0;
    others[i] = -1;
  }
  for (;;) {
    i32 a = -1, b = -1;
    for (i32 i = 0; i < 257; i++) {
      if (!freq[i]) continue;
      if (a < 0 || freq[i] <= freq[a]) {
        b = a;
        a = i;
      } else if (b < 0 || freq[i] <= freq[b]) {
        b = i;
      }
    }
    if (b < 0) break;
    freq[a] += freq[b];
    freq[b] = 0;
    for (size[a]++; others[a] >= 0; size[a]++) a = others[a];
    others[a] = b;
    for (size[b]++; others[b] >= 0; size[b]++) b = others[b];
  }
  for (u32 i = 0; i < 257; i++)
    if (size[i]) lengths[size[i] < 63 ? size[i] : 63]++;
  for (u32 i = 63; i > 16; i--)
    while (lengths[i]) {
      u32 j = i - 2;
      while (!lengths[j]) j--;
      lengths[i] -= 2;
      lengths[i - 1]++;
      lengths[j + 1] += 2;
      lengths[j]--;
    }
  u32 longest = 16;
  while (!lengths[longest]) longest--;
  lengths[longest]--;
  u32 n = 0;
  for (u32 l = 1; l < 64; l++)
    for (u32 i = 0; i < 256; i++)
      if (size[i] == (i32)l) made->values[n++] = (u8)i;
  u32 word = 0, index = 0;
  for (u32 l = 1; l <= 16; l++, word <<= 1) {
    made->bits[l] = lengths[l];
    for (u32 i = 0; i < lengths[l]; i++) made->codes[made->values[index++]] = word++ << 8 | l;
  }
}

static u8 *put_word(u8 *at, u32 word) {
  at[0] = (u8)(word >> 8);
  at[1] = (u8)word;
  return at + 2;
}

static INLINE void put(Out *out, u32 bits, u32 count) {
  out->bits = out->bits << count | bits;
  out->count += count;
  if (out->count < 32) return;
  out->count -= 32;
  u32 four = (u32)(out->bits >> out->count);
  if (four & 0x80808080u & ~(four + 0x01010101u)) {
    for (i32 shift = 24; shift >= 0; shift -= 8) {
      u8 byte = (u8)(four >> shift);
      *out->at++ = byte;
      if (byte == 0xFF) *out->at++ = 0;
    }
    return;
  }
  four = __builtin_bswap32(four);
  __builtin_memcpy(out->at, &four, 4);
  out->at += 4;
}

static INLINE const u32 *put_block(Out *out, const u32 *from, u32 t) {
  u32 one = *from++, entry = code[0][t].codes[one & 255], size = one & 15;
  put(out, (entry >> 8) << size | one >> 8, (entry & 255) + size);
  for (u32 k = 0; k < 63;) {
    one = *from++;
    entry = code[1][t].codes[one & 255];
    size = one & 15;
    put(out, (entry >> 8) << size | one >> 8, (entry & 255) + size);
    if (!(one & 255)) break;
    k += (one >> 4 & 15) + 1;
  }
  return from;
}

static __attribute__((noinline)) u32 *make_tokens(u8 *const *planes, const u32 *strides, u32 components,
                                                  u32 mcus_across, u32 mcus_down, u32 *to) {
  i32 prediction[3] = {0};
  u32 side = components == 1 ? 1 : 2;
  for (u32 y = 0; y < mcus_down; y++)
    for (u32 x = 0; x < mcus_across; x++)
      for (u32 i = 0; i < components; i++) {
        u32 n = i ? 1 : side;
        for (u32 v = 0; v < n; v++)
          for (u32 h = 0; h < n; h++)
            to = tokens_of(planes[i] + (size_t)(y * n + v) * 8 * strides[i] + (x * n + h) * 8, strides[i],
                           i > 0, &prediction[i], to);
      }
  return to;
}

Status encode_planes(u8 *const *planes, const u32 *strides, u32 components, u32 width, u32 height,
                     u32 quality, u8 **start, u8 **end) {
  u32 mcu = components == 1 ? 8 : 16;
  u32 across = divide_up(width, mcu), down = divide_up(height, mcu);
  size_t blocks = (size_t)across * down * (components == 1 ? 1 : 6);
  make_steps(quality);
  __builtin_memset(frequency, 0, sizeof frequency);
  u32 *tokens = allocate(blocks * 65 * sizeof *tokens);
  if (!tokens) return NO_MEMORY;
  const u32 *last = make_tokens(planes, strides, components, across, down, tokens);
  u32 tables = components == 1 ? 1 : 2;
  for (u32 t = 0; t < tables; t++)
    for (u32 i = 0; i < 2; i++) make_code(frequency[i][t], &code[i][t]);
  u8 *to = *start = allocate((size_t)(last - tokens) * 4 + 4096);
  if (!to) return NO_MEMORY;
  static const u8 head[20] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  __builtin_memcpy(to, head, 20);
  to += 20;
  for (u32 t = 0; t < tables; t++) {
    to = put_word(to, 0xFFDB);
    to = put_word(to, 67);
    *to++ = (u8)t;
    __builtin_memcpy(to, steps[t], 64);
    to += 64;
  }
  to = put_word(to, 0xFFC0);
  to = put_word(to, 8 + 3 * components);
  *to++ = 8;
  to = put_word(to, height);
  to = put_word(to, width);
  *to++ = (u8)components;
  for (u32 i = 0; i < components; i++) {
    *to++ = (u8)(i + 1);
    *to++ = components == 3 && !i ? 0x22 : 0x11;
    *to++ = i > 0;
  }
  for (u32 t = 0; t < tables; t++)
    for (u32 i = 0; i < 2; i++) {
      u32 n = 0;
      for (u32 l = 1; l <= 16; l++) n += code[i][t].bits[l];
      to = put_word(to, 0xFFC4);
      to = put_word(to, 19 + n);
      *to++ = (u8)(i << 4 | t);
      __builtin_memcpy(to, code[i][t].bits + 1, 16);
      __builtin_memcpy(to + 16, code[i][t].values, n);
      to += 16 + n;
    }
  to = put_word(to, 0xFFDA);
  to = put_word(to, 6 + 2 * components);
  *to++ = (u8)components;
  for (u32 i = 0; i < components; i++) {
    *to++ = (u8)(i + 1);
    *to++ = i ? 0x11 : 0;
  }
  *to++ = 0;
  *to++ = 63;
  *to++ = 0;
  Out out = {to, 0, 0};
  for (const u32 *from = tokens; from < last;) {
    if (components == 1) {
      from = put_block(&out, from, 0);
      continue;
    }
    for (u32 i = 0; i < 4; i++) from = put_block(&out, from, 0);
    from = put_block(&out, from, 1);
    from = put_block(&out, from, 1);
  }
  u32 fill = (32 - out.count) & 31; /* ones up to a whole word; those beyond the last byte are taken back */
  u32 whole = (out.count + 7) / 8;
  if (fill) {
    u64 bits = out.bits << fill | ((1u << fill) - 1);
    for (u32 i = 0; i < whole; i++) {
      u8 byte = (u8)(bits >> (24 - 8 * i));
      *out.at++ = byte;
      if (byte == 0xFF) *out.at++ = 0;
    }
  }
  *end = put_word(out.at, 0xFFD9);
  return OK;
}

/* Progressive: DC, low luma to all but the last bit, chroma, high luma, and then the last bit. */

typedef struct {
  i16 *dc, *values; /* values: of the AC coefficients that are not nought, one after another */
  u64 *mask, *more; /* in zigzag order: which are not nought, and which are more than one */
  u32 across, down, own_across, own_down;
} Blocks;

enum { RAW = 1u << 31 }; /* a token that is bits and no symbol: bits << 8 | count */

typedef struct {
  u32 *at, *run_at; /* where the next goes; where the end-of-band of the run that is open is */
  u32 run;
  u32 counts[257];
} Tokens;

static __attribute__((noinline)) void make_blocks(const u8 *plane, u32 stride, u32 t, Blocks *b) {
  i16 *values = b->values;
  u64 *mask_to = b->mask, *more_to = b->more;
  for (u32 y = 0; y < b->down; y++)
    for (u32 x = 0; x < b->across; x++) {
      _Alignas(16) i16 c[64];
      i16 ordered[64];
      u64 mask = transform_block(plane + (size_t)y * 8 * stride + x * 8, stride, t, c), which = 0, more = 0;
      *b->dc++ = c[0];
      for (mask &= ~(u64)1; mask; mask &= mask - 1) {
        u32 at = (u32)__builtin_ctzll(mask), k = zigzag_of[at];
        which |= (u64)1 << k;
        more |= (u64)((u32)(c[at] + 1) > 2) << k;
        ordered[k] = c[at];
      }
      *mask_to++ = which;
      *more_to++ = more;
      for (; which; which &= which - 1) *values++ = ordered[__builtin_ctzll(which)];
    }
}

static INLINE void put_symbol(Tokens *t, u32 symbol, u32 bits) {
  *t->at++ = bits << 8 | symbol;
  t->counts[symbol]++;
}

static INLINE void put_raw(Tokens *t, u64 bits, u32 count) {
  for (; count > 16; count -= 16) *t->at++ = RAW | (u32)(bits >> (count - 16) & 0xFFFF) << 8 | 16;
  if (count) *t->at++ = RAW | (u32)(bits & ((1u << count) - 1)) << 8 | count;
}

static INLINE void end_run(Tokens *t) {
  if (!t->run) return;
  u32 size = 31 - (u32)__builtin_clz(t->run);
  *t->run_at = (t->run & ((1u << size) - 1)) << 8 | size << 4;
  t->counts[size << 4]++;
  t->run = 0;
}

static INLINE void extend_run(Tokens *t) {
  if (t->run == 0x7FFF) end_run(t);
  if (!t->run++) t->run_at = t->at++;
}

static INLINE u64 band_of(u32 first, u32 last) {
  return (last == 63 ? ~(u64)0 : ((u64)1 << (last + 1)) - 1) & ~(((u64)1 << first) - 1);
}

static __attribute__((noinline)) void scan_first(const Blocks *b, u32 first, u32 last, u32 low, Tokens *t) {
  const i16 *values = b->values;
  u64 band = band_of(first, last), below = ((u64)1 << first) - 1;
  for (u32 y = 0; y < b->down; y++)
    for (u32 x = 0; x < b->across; x++) {
      size_t i = (size_t)y * b->across + x;
      u64 all = b->mask[i], which = (low ? b->more[i] : all) & band;
      const i16 *here = values;
      values += __builtin_popcountll(all);
      if (x >= b->own_across || y >= b->own_down) continue;
      u32 previous = first - 1;
      if (which) end_run(t);
      if (which && !low) here += __builtin_popcountll(all & below);
      for (; which; which &= which - 1) {
        u32 k = (u32)__builtin_ctzll(which), run = k - previous - 1;
        i32 value = low ? here[__builtin_popcountll(all & (((u64)1 << k) - 1))] : *here++;
        previous = k;
        for (; run > 15; run -= 16) put_symbol(t, 0xF0, 0);
        if (low) value = value < 0 ? -(-value >> low) : value >> low;
        u32 size = size_of(value);
        put_symbol(t, run << 4 | size, (u32)(value < 0 ? value - 1 : value) & ((1u << size) - 1));
      }
      if (previous != last) extend_run(t);
    }
  end_run(t);
}

static __attribute__((noinline)) void scan_last_bit(const Blocks *b, Tokens *t) {
  const i16 *values = b->values;
  for (u32 y = 0; y < b->down; y++)
    for (u32 x = 0; x < b->across; x++) {
      size_t i = (size_t)y * b->across + x;
      u64 all = b->mask[i], more = b->more[i], fresh = all & ~more, corrections = 0;
      const i16 *here = values;
      values += __builtin_popcountll(all);
      if (x >= b->own_across || y >= b->own_down) continue;
      u32 count = 0, zeros = 0, previous = 0;
      for (u64 rest = all; rest; rest &= rest - 1) {
        u32 k = (u32)__builtin_ctzll(rest);
        i32 value = *here++;
        zeros += k - previous - 1;
        previous = k;
        while (zeros > 15 && fresh >> k) {
          end_run(t);
          put_symbol(t, 0xF0, 0);
          put_raw(t, corrections, count);
          count = 0;
          corrections = 0;
          zeros -= 16;
        }
        if (more >> k & 1) {
          corrections = corrections << 1 | ((u32)(value < 0 ? -value : value) & 1);
          count++;
          continue;
        }
        end_run(t);
        *t->at++ = (u32)(value > 0) << 8 | zeros << 4 | 1;
        t->counts[zeros << 4 | 1]++;
        put_raw(t, corrections, count);
        count = 0;
        corrections = 0;
        zeros = 0;
        fresh &= fresh - 1;
      }
      if (previous != 63 || count) {
        extend_run(t);
        put_raw(t, corrections, count);
      }
    }
  end_run(t);
}

static u8 *put_table(u8 *to, u32 target, const Code *c) {
  u32 n = 0;
  for (u32 l = 1; l <= 16; l++) n += c->bits[l];
  to = put_word(to, 0xFFC4);
  to = put_word(to, 19 + n);
  *to++ = (u8)target;
  __builtin_memcpy(to, c->bits + 1, 16);
  __builtin_memcpy(to + 16, c->values, n);
  return to + 16 + n;
}

static u8 *put_end(Out *out) {
  u32 fill = (32 - out->count) & 31, whole = (out->count + 7) / 8;
  u64 bits = out->bits << fill | ((1u << fill) - 1);
  for (u32 i = 0; fill && i < whole; i++) {
    u8 byte = (u8)(bits >> (24 - 8 * i));
    *out->at++ = byte;
    if (byte == 0xFF) *out->at++ = 0;
  }
  return out->at;
}

static __attribute__((noinline)) u8 *put_tokens(u8 *to, const u32 *from, const u32 *end, const Code *c) {
  Out out = {to, 0, 0};
  for (; from < end; from++) {
    u32 one = *from;
    if (one & RAW) {
      put(&out, (one & ~RAW) >> 8, one & 255);
      continue;
    }
    u32 symbol = one & 255, size = symbol & 15, run = symbol >> 4, entry = c->codes[symbol];
    if (!size && run < 15) size = run;
    put(&out, (entry >> 8) << size | one >> 8, (entry & 255) + size);
  }
  return put_end(&out);
}

static u8 *put_scan(u8 *to, Tokens *t, u32 *tokens, u32 id, u32 first, u32 last, u32 high_low) {
  make_code(t->counts, &code[1][0]);
  to = put_table(to, 0x10, &code[1][0]);
  to = put_word(to, 0xFFDA);
  to = put_word(to, 8);
  u8 rest[6] = {1, (u8)id, 0, (u8)first, (u8)last, (u8)high_low};
  __builtin_memcpy(to, rest, 6);
  return put_tokens(to + 6, tokens, t->at, &code[1][0]);
}

static u8 *put_dc(u8 *to, const Blocks *blocks, u32 components, u32 mcus_across, u32 mcus_down, u32 *tokens) {
  u32 *at = tokens;
  i32 prediction[3] = {0};
  __builtin_memset(frequency, 0, sizeof frequency);
  for (u32 y = 0; y < mcus_down; y++)
    for (u32 x = 0; x < mcus_across; x++)
      for (u32 i = 0; i < components; i++) {
        u32 n = components == 3 && !i ? 2 : 1;
        for (u32 v = 0; v < n; v++)
          for (u32 h = 0; h < n; h++) {
            i32 value = blocks[i].dc[(size_t)(y * n + v) * blocks[i].across + x * n + h];
            i32 difference = value - prediction[i];
            prediction[i] = value;
            u32 size = size_of(difference);
            frequency[0][i > 0][size]++;
            *at++ = token(difference, 0, size);
          }
      }
  u32 tables = components == 1 ? 1 : 2;
  for (u32 t = 0; t < tables; t++) {
    make_code(frequency[0][t], &code[0][t]);
    to = put_table(to, t, &code[0][t]);
  }
  to = put_word(to, 0xFFDA);
  to = put_word(to, 6 + 2 * components);
  *to++ = (u8)components;
  for (u32 i = 0; i < components; i++) {
    *to++ = (u8)(i + 1);
    *to++ = i ? 0x10 : 0;
  }
  *to++ = 0;
  *to++ = 0;
  *to++ = 0;
  Out out = {to, 0, 0};
  u32 n = components == 1 ? 1 : 6;
  for (const u32 *from = tokens; from < at;)
    for (u32 i = 0; i < n; i++, from++) {
      u32 size = *from & 15, entry = code[0][i > 3].codes[size];
      put(&out, (entry >> 8) << size | *from >> 8, (entry & 255) + size);
    }
  return put_end(&out);
}

Status encode_progressive(u8 *const *planes, const u32 *strides, u32 components, u32 width, u32 height,
                          u32 quality, u8 **start, u8 **end) {
  u32 mcu = components == 1 ? 8 : 16;
  u32 across = divide_up(width, mcu), down = divide_up(height, mcu), tables = components == 1 ? 1 : 2;
  Blocks blocks[3];
  make_steps(quality);
  size_t most = 0;
  for (u32 i = 0; i < components; i++) {
    u32 n = components == 3 && !i ? 2 : 1, part = i ? 2 : 1;
    Blocks *b = &blocks[i];
    b->across = across * n;
    b->down = down * n;
    b->own_across = divide_up(divide_up(width, part), 8);
    b->own_down = divide_up(divide_up(height, part), 8);
    size_t all = (size_t)b->across * b->down;
    if (all > most) most = all;
    i16 *dc = b->dc = allocate(all * 2);
    b->mask = allocate(all * 8);
    b->more = allocate(all * 8);
    b->values = allocate(all * 2 * 63);
    if (!b->dc || !b->mask || !b->more || !b->values) return NO_MEMORY;
    make_blocks(planes[i], strides[i], i > 0, b);
    b->dc = dc;
  }
  u32 *tokens = allocate(most * 70 * 4);
  u8 *to = *start = allocate(most * 64 * 3);
  if (!tokens || !to) return NO_MEMORY;
  static const u8 head[20] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0};
  __builtin_memcpy(to, head, 20);
  to += 20;
  for (u32 t = 0; t < tables; t++) {
    to = put_word(to, 0xFFDB);
    to = put_word(to, 67);
    *to++ = (u8)t;
    __builtin_memcpy(to, steps[t], 64);
    to += 64;
  }
  to = put_word(to, 0xFFC2);
  to = put_word(to, 8 + 3 * components);
  *to++ = 8;
  to = put_word(to, height);
  to = put_word(to, width);
  *to++ = (u8)components;
  for (u32 i = 0; i < components; i++) {
    *to++ = (u8)(i + 1);
    *to++ = components == 3 && !i ? 0x22 : 0x11;
    *to++ = i > 0;
  }
  to = put_dc(to, blocks, components, across, down, tokens);
  static const struct { u8 component, first, last, low, is_last; } script[5] = {
      {0, 1, 8, 1, 0}, {2, 1, 63, 0, 0}, {1, 1, 63, 0, 0}, {0, 9, 63, 1, 0}, {0, 1, 63, 0, 1}};
  for (u32 i = 0; i < 5; i++) {
    if (script[i].component >= components) continue;
    static Tokens t;
    __builtin_memset(&t, 0, sizeof t);
    t.at = tokens;
    const Blocks *b = &blocks[script[i].component];
    if (script[i].is_last) scan_last_bit(b, &t);
    else if (script[i].low) scan_first(b, script[i].first, script[i].last, 1, &t);
    else scan_first(b, script[i].first, script[i].last, 0, &t);
    to = put_scan(to, &t, tokens, script[i].component + 1u, script[i].first, script[i].last,
                  script[i].is_last ? 0x10 : script[i].low);
  }
  *end = put_word(to, 0xFFD9);
  return OK;
}
