/* Huffman tables of Annex C, and the look-up tables made from them. */
#include "jpeg.h"

#include "bits.h"
#include "huffman.h"

Table dc_tables[4], ac_tables[4];

/* First code in each combination of SKIP_BITS bits; length 0 if the code is longer. */
static u8 code_length[1 << SKIP_BITS], code_symbol[1 << SKIP_BITS];

void forget_tables(void) {
  for (u32 i = 0; i < 4; i++) dc_tables[i].is_defined = ac_tables[i].is_defined = 0;
}

/* C.2: codes of one length are consecutive; the first is twice the successor of the last shorter one. */
static Status generate_codes(Table *table) {
  u32 code = 0, index = 0;
  for (u32 length = 1; length <= 16; length++) {
    u32 count = table->bits[length];
    table->value_offset[length] = (i32)index - (i32)code;
    code += count;
    index += count;
    if (code >= 1u << length) return CORRUPT; /* no code is all ones: C.2 */
    table->limit[length - 1] = (u16)(code << (16 - length));
    code <<= 1;
  }
  return OK;
}

/* B.2.4.2 */
static Status define_table(const u8 **segment, const u8 *end) {
  const u8 *at = *segment;
  if (end - at < 17) return CORRUPT;
  u32 is_ac = at[0] >> 4, target = at[0] & 15, count = 0;
  if (is_ac > 1 || target > 3) return CORRUPT;
  Table *table = is_ac ? &ac_tables[target] : &dc_tables[target];
  for (u32 length = 1; length <= 16; length++) count += table->bits[length] = at[length];
  if (count > 256 || count > (u32)(end - at - 17)) return CORRUPT;
  for (u32 i = 0; i < 256; i++) table->values[i] = i < count ? at[17 + i] : 0;
  TRY(generate_codes(table));
  table->is_defined = 1;
  table->made_for = FOR_NOTHING;
  *segment = at + 17 + count;
  return OK;
}

Status define_tables(const u8 *segment, const u8 *end) {
  while (segment < end) TRY(define_table(&segment, end));
  return OK;
}

static void spread_codes(const Table *table) {
  __builtin_memset(code_length, 0, sizeof code_length);
  u32 code = 0, index = 0;
  for (u32 length = 1; length <= SKIP_BITS; length++, code <<= 1) {
    for (u32 i = 0; i < table->bits[length]; i++, code++, index++) {
      u32 first = code << (SKIP_BITS - length), count = 1u << (SKIP_BITS - length);
      __builtin_memset(code_length + first, (int)length, count);
      __builtin_memset(code_symbol + first, table->values[index], count);
    }
  }
}

/* The symbol of a DC table is the number of bits of the difference after it: F.1.2.1. */
static u32 dc_entry(u32 bits, u32 length, u32 symbol) {
  if (length + symbol > VALUE_BITS) return ESCAPE;
  u32 value = symbol ? bits >> (VALUE_BITS - length - symbol) & ((1u << symbol) - 1) : 0;
  i32 difference = symbol ? extend(value, symbol) : 0;
  return make_entry(difference, 1, length + symbol);
}

/* The symbol of an AC table is a run of zeros and the number of bits after it: F.1.2.2. */
static u32 ac_entry(u32 bits, u32 length, u32 symbol) {
  u32 run = symbol >> 4, size = symbol & 15;
  if (symbol == EOB) return make_entry(0, ENDS, length);
  if (symbol == ZRL) return make_entry(0, 16, length);
  if (!size || length + size > VALUE_BITS) return ESCAPE;
  u32 value = bits >> (VALUE_BITS - length - size) & ((1u << size) - 1);
  return make_entry(extend(value, size), run + 1, length + size);
}

static u32 value_entry(u32 bits, Purpose purpose) {
  u32 first = bits << (SKIP_BITS - VALUE_BITS);
  u32 length = code_length[first], symbol = code_symbol[first];
  if (!length || length > VALUE_BITS) return ESCAPE;
  if (purpose == FOR_DC) return dc_entry(bits, length, symbol);
  if (purpose == FOR_AC || purpose == FOR_VALUES) return ac_entry(bits, length, symbol);
  return make_entry(0, symbol, length);
}

/* Skips all coefficients that lie with their values within SKIP_BITS bits, in at most MOST_SKIPPED bits. */
static u32 skip_entry(u32 bits) {
  u32 used = 0, passed = 0;
  while (used < SKIP_BITS) {
    u32 rest = bits << used & ((1u << SKIP_BITS) - 1);
    u32 length = code_length[rest], symbol = code_symbol[rest], run = symbol >> 4, size = symbol & 15;
    if (!length || used + length > SKIP_BITS) break;
    if (symbol == EOB) return make_skip(used + length, SKIP_ENDS + passed);
    if (!size && symbol != ZRL) break;
    if (passed + run + 1 >= LAST || used + length + size > MOST_SKIPPED) break;
    passed += run + 1;
    used += length + size;
  }
  return used ? make_skip(used, passed) : make_skip(0, SKIP_NONE);
}

/* DC differences have at most 11 bits (Table F.1); wider ones are not decoded here. */
static Status check_dc(const Table *table) {
  for (u32 i = 0; i < 256; i++)
    if (table->values[i] > 11) return UNSUPPORTED;
  return OK;
}

Status prepare_table(Table *table, Purpose purpose) {
  if (!table->is_defined) return UNSUPPORTED;
  int is_made = table->made_for == purpose || (table->made_for == FOR_AC && purpose == FOR_VALUES);
  if (is_made) return OK;
  if (purpose == FOR_DC) TRY(check_dc(table));
  spread_codes(table);
  for (u32 bits = 0; bits < 1 << VALUE_BITS; bits++) table->value[bits] = value_entry(bits, purpose);
  for (u32 bits = 0; purpose == FOR_AC && bits < 1 << SKIP_BITS; bits++)
    table->skip[bits] = (u16)skip_entry(bits);
  table->made_for = (u8)purpose;
  return OK;
}
