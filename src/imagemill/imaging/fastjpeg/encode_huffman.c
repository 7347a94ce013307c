/* The best Huffman code for the counts of a scan: Annex K.2; and tokens written with it. */
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

/* The rarest branches, of equally rare ones the last: Figure K.1. The second is -1 if one is left. */
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

/* Figure K.3: shortens codes of more than 16 bits, in pairs, at the expense of a shorter one. Then the
 * longest code, that of ones only, is taken away. */
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

/* Bits that wait until there are 32 of them. */
typedef struct {
  u8 *at;
  u64 bits;
  u32 count;
} Output;

/* F.1.2.3: a zero byte follows each byte of ones only. */
static u8 *put_stuffed(u8 *at, u32 bits, u32 bytes) {
  for (u32 i = 0; i < bytes; i++) {
    u8 byte = (u8)(bits >> (24 - 8 * i));
    *at++ = byte;
    if (byte == 0xFF) *at++ = 0;
  }
  return at;
}

static INLINE void put(Output *out, u32 bits, u32 count) {
  out->bits = out->bits << count | bits;
  out->count += count;
  if (out->count < 32) return;
  out->count -= 32;
  u32 four = (u32)(out->bits >> out->count);
  /* Adding one clears the upper bit of a byte of ones, and otherwise only that of 0xFE after one. */
  if (four & 0x80808080u & ~(four + 0x01010101u)) {
    out->at = put_stuffed(out->at, four, 4);
    return;
  }
  four = __builtin_bswap32(four);
  __builtin_memcpy(out->at, &four, 4);
  out->at += 4;
}

/* Fills the last byte with ones: F.1.2.3. */
static u8 *put_rest(const Output *out) {
  u32 missing = 32 - out->count;
  u32 bits = (u32)(out->bits << missing | (((u64)1 << missing) - 1));
  return put_stuffed(out->at, bits, (out->count + 7) / 8);
}

u8 *put_tokens(u8 *to, const u32 *from, const u32 *end, const u32 *words) {
  Output out = {to, 0, 0};
  for (; from < end; from++) {
    u32 word = words[*from & INDEX_MASK], count = *from >> COUNT_SHIFT & COUNT_MASK;
    put(&out, (word >> 8) << count | *from >> BITS_SHIFT, (word & 255) + count);
  }
  return put_rest(&out);
}
