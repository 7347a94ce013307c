/* The best Huffman code for the counts of a scan: Annex K.2; and tokens written with it. */
#include <wasm_simd128.h>

#include "encoder.h"
#include "tokens.h"

enum {
  MOST_USED = SYMBOLS + 1, /* with the code of ones only, which no symbol may have: B.2.4.2 */
  LONGEST = 64,            /* counts below 2^32 give no longer code: Fibonacci numbers */
  LONGEST_ALLOWED = 16,
};

/* The symbols that occur, as leaves of the tree that is built by joining the two rarest. */
typedef struct {
  u32 count;
  u8 symbols[SYMBOLS];
  u32 frequency[MOST_USED];
  u16 length[MOST_USED];
  i32 next[MOST_USED]; /* another leaf of the same branch; -1 at its end */
} Leaves;

static void find_used(Leaves *leaves, const u32 *counts) {
  u32 n = 0;
  for (u32 symbol = 0; symbol < SYMBOLS; symbol++) {
    if (!counts[symbol]) continue;
    leaves->symbols[n] = (u8)symbol;
    leaves->frequency[n++] = counts[symbol];
  }
  leaves->frequency[n++] = 1;
  for (u32 i = 0; i < n; i++) {
    leaves->length[i] = 0;
    leaves->next[i] = -1;
  }
  leaves->count = n;
}

/* Figure K.1: the rarest branches, of equally rare ones the last. The second is -1 if one is left. */
static void find_rarest(const Leaves *leaves, i32 *rarest, i32 *second) {
  *rarest = *second = -1;
  for (i32 i = 0; i < (i32)leaves->count; i++) {
    u32 frequency = leaves->frequency[i];
    if (!frequency) continue;
    if (*rarest < 0 || frequency <= leaves->frequency[*rarest]) {
      *second = *rarest;
      *rarest = i;
    } else if (*second < 0 || frequency <= leaves->frequency[*second]) {
      *second = i;
    }
  }
}

/* Makes all codes of a branch one bit longer; returns its last leaf. */
static i32 lengthen(Leaves *leaves, i32 leaf) {
  for (;; leaf = leaves->next[leaf]) {
    leaves->length[leaf]++;
    if (leaves->next[leaf] < 0) return leaf;
  }
}

static void build_tree(Leaves *leaves) {
  i32 a, b;
  for (find_rarest(leaves, &a, &b); b >= 0; find_rarest(leaves, &a, &b)) {
    leaves->frequency[a] += leaves->frequency[b];
    leaves->frequency[b] = 0;
    leaves->next[lengthen(leaves, a)] = b;
    lengthen(leaves, b);
  }
}

/* Figure K.3: shortens codes of more than 16 bits, in pairs, at the expense of a shorter one. Then
 * the longest code, that of ones only, is taken away. */
static void limit_lengths(u32 *lengths) {
  for (u32 i = LONGEST - 1; i > LONGEST_ALLOWED; i--)
    while (lengths[i]) {
      u32 j = i - 2;
      while (!lengths[j]) j--;
      lengths[i] -= 2;
      lengths[i - 1]++;
      lengths[j + 1] += 2;
      lengths[j]--;
    }
  u32 longest = LONGEST_ALLOWED;
  while (!lengths[longest]) longest--;
  lengths[longest]--;
}

/* Figure K.4: symbols in the order of their lengths before they were limited. */
static void sort_symbols(const Leaves *leaves, const u32 *lengths, u8 *sorted) {
  u32 place[LONGEST + 1] = {0};
  for (u32 length = 1; length < LONGEST; length++)
    place[length + 1] = place[length] + lengths[length];
  for (u32 i = 0; i + 1 < leaves->count; i++)
    sorted[place[leaves->length[i]]++] = leaves->symbols[i];
}

/* Annex C: the words of the code. */
static void make_words(const Code *code, u32 *words) {
  u32 word = 0, n = 0;
  for (u32 length = 1; length <= LONGEST_ALLOWED; length++, word <<= 1)
    for (u32 i = 0; i < code->bits[length]; i++)
      words[code->values[n++]] = word++ << 8 | length;
}

void make_code(Code *code, u32 *words, const u32 *counts) {
  Leaves leaves;
  u32 lengths[LONGEST] = {0};
  find_used(&leaves, counts);
  build_tree(&leaves);
  for (u32 i = 0; i < leaves.count; i++) lengths[leaves.length[i]]++;
  sort_symbols(&leaves, lengths, code->values);
  limit_lengths(lengths);
  for (u32 i = 1; i <= LONGEST_ALLOWED; i++) code->bits[i] = (u8)lengths[i];
  make_words(code, words);
}

/* Writes the bits of the tokens in words of 32, the last one filled up with ones: F.1.2.3. No branch
 * depends on the bits: it could not be predicted. Returns the number of bytes. */
static size_t put_words(u32 *to, const u32 *from, const u32 *end, const u32 *words) {
  const u32 *start = to;
  u64 bits = 0;
  u32 waiting = 0;
  for (; from < end; from++) {
    u32 word = words[*from & INDEX_MASK], count = *from >> COUNT_SHIFT & COUNT_MASK;
    bits = (bits << (word & 255) | word >> 8) << count | *from >> BITS_SHIFT;
    waiting += (word & 255) + count;
    *to = (u32)(bits >> (waiting & 31));
    to += waiting >> 5;
    waiting &= 31;
  }
  *to = (u32)((bits << 32 | UINT32_MAX) >> waiting);
  return (size_t)(to - start) * sizeof *to + divide_up(waiting, 8);
}

/* F.1.2.3: a zero byte follows each byte of ones only. */
static u8 *put_stuffed(u8 *to, const u8 *from, u32 count) {
  for (u32 i = 0; i < count; i++) {
    *to++ = from[i];
    if (from[i] == 0xFF) *to++ = 0;
  }
  return to;
}

/* Copies words as bytes, the highest first, and stuffs them. */
static u8 *copy_words(u8 *to, const u8 *from, size_t bytes) {
  v128_t ones = wasm_i8x16_splat(-1);
  for (size_t i = 0; i < bytes; i += 16) {
    u8 sixteen[16];
    u32 count = bytes - i < 16 ? (u32)(bytes - i) : 16;
    v128_t words = wasm_v128_load(from + i);
    words = wasm_i8x16_shuffle(words, words, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    if (count == 16 && !wasm_v128_any_true(wasm_i8x16_eq(words, ones))) {
      wasm_v128_store(to, words);
      to += 16;
      continue;
    }
    wasm_v128_store(sixteen, words);
    to = put_stuffed(to, sixteen, count);
  }
  return to;
}

u8 *put_tokens(u8 *to, u32 *room, const u32 *from, const u32 *end, const u32 *words) {
  size_t bytes = put_words(room, from, end, words);
  return copy_words(to, (const u8 *)room, bytes);
}
