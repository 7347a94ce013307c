/* Marker segments and scans: Annex B. */
#include "encoder.h"
#include "tokens.h"

enum {
  MOST_HEADERS = 4096,  /* bytes of all segments before and in front of a scan */
  LUMA_TABLES = 0x00,   /* Td and Ta of a component: B.2.3 */
  CHROMA_TABLES = 0x11,
};

/* SINGLE: a baseline file. */
static const WrittenScan single[] = {{MAX_WRITTEN, 0, LAST, 0, 0}};

/* SPECTRAL: luma in four bands with a Huffman table each; Cr before Cb as libjpeg has it. */
static const WrittenScan spectral[] = {
    {MAX_WRITTEN, 0, 0, 0, 0}, {0, 1, 2, 0, 0},   {2, 1, LAST, 0, 0},   {1, 1, LAST, 0, 0},
    {0, 3, 9, 0, 0},           {0, 10, 20, 0, 0}, {0, 21, LAST, 0, 0},
};

/* SUCCESSIVE: luma in two bands, and its last bit. */
static const WrittenScan successive[] = {
    {MAX_WRITTEN, 0, 0, 0, 0}, {0, 1, 8, 0, 1},    {2, 1, LAST, 0, 0},
    {1, 1, LAST, 0, 0},        {0, 9, LAST, 0, 1}, {0, 1, LAST, 1, 0},
};

static const struct {
  const WrittenScan *scans;
  u32 count;
} scripts[] = {
    [SINGLE] = {single, sizeof single / sizeof *single},
    [SPECTRAL] = {spectral, sizeof spectral / sizeof *spectral},
    [SUCCESSIVE] = {successive, sizeof successive / sizeof *successive},
};

/* A file that is being written, and what its scans share. */
typedef struct {
  const Raster *raster;
  Quantizer quantizer[2];
  Blocks blocks[MAX_WRITTEN];
  Tokens tokens;
  u32 words[NO_SYMBOL_INDEX + 1];
  u8 *start, *end;
} File;

static void put_bytes(File *file, const u8 *bytes, size_t count) {
  __builtin_memmove(file->end, bytes, count);
  file->end += count;
}

static void put_byte(File *file, u32 byte) { *file->end++ = (u8)byte; }

static void put_word(File *file, u32 word) {
  put_byte(file, word >> 8);
  put_byte(file, word);
}

/* Number of quantization tables, and of Huffman tables of one class. */
static u32 tables_of(const Raster *raster) { return raster->components == 1 ? 1 : 2; }

/* SOI and T.871's APP0: version 1.1, square pixels, no thumbnail. */
static void put_start(File *file) {
  static const u8 start[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 'J', 'F', 'I', 'F',
                             0,    1,    1,    0,    0, 1,  0,   1,   0,   0};
  put_bytes(file, start, sizeof start);
}

/* B.2.4.1. */
static void put_quantizers(File *file) {
  for (u32 i = 0; i < tables_of(file->raster); i++) {
    put_word(file, 0xFFDB);
    put_word(file, 3 + BLOCK_SAMPLES);
    put_byte(file, i);
    put_bytes(file, file->quantizer[i].steps, BLOCK_SAMPLES);
  }
}

/* SOF0 or SOF2: B.2.2. */
static void put_frame(File *file, u32 is_progressive) {
  const Raster *raster = file->raster;
  put_word(file, is_progressive ? 0xFFC2 : 0xFFC0);
  put_word(file, 8 + 3 * raster->components);
  put_byte(file, 8);
  put_word(file, raster->height);
  put_word(file, raster->width);
  put_byte(file, raster->components);
  for (u32 i = 0; i < raster->components; i++) {
    put_byte(file, i + 1);
    put_byte(file, i ? 0x11 : raster->max_h << 4 | raster->max_v);
    put_byte(file, i > 0);
  }
}

static int is_used(const Tokens *tokens, u32 table) {
  for (u32 symbol = 0; symbol < SYMBOLS; symbol++)
    if (tokens->counts[table * SYMBOLS + symbol]) return 1;
  return 0;
}

/* B.2.4.2: makes and writes the table for the symbols that were counted. */
static void put_table(File *file, u32 table) {
  Code code;
  u32 symbols = 0;
  make_code(&code, file->words + table * SYMBOLS, file->tokens.counts + table * SYMBOLS);
  for (u32 length = 1; length <= 16; length++) symbols += code.bits[length];
  put_word(file, 0xFFC4);
  put_word(file, 19 + symbols);
  put_byte(file, table < AC_TABLES ? table : 0x10 | (table - AC_TABLES));
  put_bytes(file, code.bits + 1, 16);
  put_bytes(file, code.values, symbols);
}

/* B.2.3. */
static void put_scan_header(File *file, const WrittenScan *scan) {
  u32 is_one = scan->component < MAX_WRITTEN, from = is_one ? scan->component : 0;
  u32 count = is_one ? 1 : file->raster->components;
  put_word(file, 0xFFDA);
  put_word(file, 6 + 2 * count);
  put_byte(file, count);
  for (u32 i = from; i < from + count; i++) {
    put_byte(file, i + 1);
    put_byte(file, i && !is_one ? CHROMA_TABLES : LUMA_TABLES);
  }
  put_byte(file, scan->first);
  put_byte(file, scan->last);
  put_byte(file, (u32)scan->high << 4 | scan->low);
}

/* Room that the counted tokens need, written with the tables made for them. */
static size_t most_bytes(const File *file) {
  u64 bits = file->tokens.loose_bits;
  for (u32 i = 0; i < CODE_TABLES * SYMBOLS; i++) {
    u32 run = i >> 4 & 15, size = i & 15;
    /* G.1.2.2: a run of blocks has as many additional bits as its category. */
    u32 additional = size || run == 15 ? size : run;
    bits += (u64)file->tokens.counts[i] * ((file->words[i] & 255) + additional);
  }
  return (size_t)(bits / 8 + 32);
}

/* The tokens follow the file and room for the headers of the scan. The coded data follow them, until
 * they are copied to the end of the file. */
static Status put_scan(File *file, const WrittenScan *scan) {
  Tokens *tokens = &file->tokens;
  start_tokens(tokens);
  TRY(make_room(file->end, MOST_HEADERS));
  const u32 *first = tokens->at = (u32 *)mark();
  TRY(make_tokens(tokens, file->raster, file->blocks, scan));
  for (u32 table = 0; table < CODE_TABLES; table++)
    if (is_used(tokens, table)) put_table(file, table);
  put_scan_header(file, scan);
  u32 *room = tokens->at;
  TRY(make_room(room, most_bytes(file)));
  file->end = put_tokens(file->end, room, first, room, file->words);
  return OK;
}

static Status put_scans(File *file, Script script) {
  for (u32 i = 0; i < scripts[script].count; i++) {
    const WrittenScan *scan = &scripts[script].scans[i];
    if (scan->component == MAX_WRITTEN || scan->component < file->raster->components)
      TRY(put_scan(file, scan));
  }
  return OK;
}

static Status quantize_all(File *file, u32 quality) {
  for (u32 i = 0; i < file->raster->components; i++) {
    Quantizer *quantizer = &file->quantizer[i > 0];
    make_quantizer(quantizer, quality);
    TRY(make_blocks(&file->blocks[i], file->raster, i, quantizer));
  }
  return OK;
}

Status encode_raster(const Raster *raster, u32 quality, Script script, u8 **start,
                     u32 *bytes) {
  File file = {.raster = raster};
  list_values(&file.tokens);
  TRY(quantize_all(&file, quality));
  file.start = file.end = allocate(MOST_HEADERS);
  if (!file.start) return NO_MEMORY;
  put_start(&file);
  put_quantizers(&file);
  put_frame(&file, script != SINGLE);
  TRY(put_scans(&file, script));
  TRY(make_room(file.end, MOST_HEADERS));
  put_word(&file, 0xFFD9);
  *start = file.start;
  *bytes = (u32)(file.end - file.start);
  return OK;
}
