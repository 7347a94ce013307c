/* Types and functions of the JPEG encoder, named as in ITU-T T.81 | ISO/IEC 10918-1.
 *
 * A file is written in three steps. Every block is transformed and quantized (encode_blocks.c); a
 * mask of its nonzero coefficients and their values are kept. Each scan turns the blocks into tokens,
 * a Huffman symbol with its additional bits, and counts the symbols (encode_scans.c). Then the best
 * Huffman code for these counts is made and the tokens are written with it (encode_huffman.c).
 *
 * Samples may have any value. Memory is reserved as the image needs it, and no state is kept from one
 * image to the next.
 */
#ifndef ENCODER_H
#define ENCODER_H

#include "jpeg.h"

enum {
  BLOCK_SAMPLES = 64,
  MAX_WRITTEN = 3,       /* components of a file that is written: grey, or Y, Cb and Cr */
  MAX_ENCODED_SIDE = 65535, /* B.2.2: X and Y have 16 bits */
  DC_TABLES = 0,         /* Huffman tables of luma and chroma, counted through both classes */
  AC_TABLES = 2,
  CODE_TABLES = 4,
  SYMBOLS = 256,
  VALUES = 2048, /* F.1.2.2: AC coefficients are from -1023 to 1023 */
};

/* Index in zigzag order of the coefficient at u * 8 + v: Figure A.6. */
static const u8 zigzag_order[BLOCK_SAMPLES] = {
    0,  2,  3,  9,  10, 20, 21, 35, 1,  4,  8,  11, 19, 22, 34, 36, 5,  7,  12, 18, 23, 33,
    37, 48, 6,  13, 17, 24, 32, 38, 47, 49, 14, 16, 25, 31, 39, 46, 50, 57, 15, 26, 30, 40,
    45, 51, 56, 58, 27, 29, 41, 44, 52, 55, 59, 62, 28, 42, 43, 53, 54, 60, 61, 63};

/* The scans of a file: one, as in a baseline file; bands of coefficients, the "spectral selection" of
 * G.1.1; or bits of coefficients as well, its "successive approximation". */
typedef enum { SINGLE, SPECTRAL, SUCCESSIVE, SCRIPTS } Script;

/* The image to encode: one plane of samples for each component, rows without padding. */
typedef struct {
  u32 width, height, components;
  u32 max_h, max_v; /* Hmax, Vmax: 2 if chroma has half the width and height; else 1 */
  u8 *plane[MAX_WRITTEN];
  u8 *narrow[MAX_WRITTEN]; /* the same samples in the narrow range, or null: resample.h */
} Raster;

typedef struct {
  u8 steps[BLOCK_SAMPLES]; /* Qk, in zigzag order: B.2.4.1 */
  /* At u * 8 + v: the product of both divides a transformed coefficient by its step. After the first
   * factor, it becomes 0 if it is nearer to 0 than `least`. */
  _Alignas(16) i16 reciprocals[BLOCK_SAMPLES], shifts[BLOCK_SAMPLES], least[BLOCK_SAMPLES];
} Quantizer;

/* The quantized blocks of one component, row by row. */
typedef struct {
  u32 across, down; /* A.2.2: as many as the component's own samples fill */
  i16 *dc;
  u64 *nonzero;     /* a bit for each AC coefficient that is not zero, in zigzag order */
  u64 *large;       /* the same for those beyond 1 and -1 */
  i16 *values;      /* these coefficients, block after block, in zigzag order */
  u32 *row_values;  /* index in `values` of the first of each row of blocks */
} Blocks;

/* The tokens of one scan: tokens.h. */
typedef struct {
  u32 *at; /* where the next one is written */
  u32 counts[CODE_TABLES * SYMBOLS];
  u32 loose_bits; /* bits that belong to no symbol */
  u32 of_value[VALUES]; /* token of each AC coefficient, of the component of no table and run */
} Tokens;

/* Header of a scan that is written: B.2.3. `component` is MAX_WRITTEN if all are interleaved. */
typedef struct {
  u8 component, first, last, high, low; /* Ss, Se, Ah, Al */
} WrittenScan;

/* BITS and HUFFVAL of a Huffman code: B.2.4.2. */
typedef struct {
  u8 bits[17], values[SYMBOLS];
} Code;

/* The part of a decoded image to draw, and its size as stored; `orientation` is that of EXIF. */
typedef struct {
  Box box;
  u32 width, height, orientation;
} Turned;

/* encode_upright.c: fills the planes with a part of a decoded image. */
Status draw_upright(const Image *image, const Raster *raster, const Turned *turned);

/* encode_pixels.c: fills `rows` rows of the planes from row `first` on, which is even. */
void add_pixels(const Raster *raster, const u8 *from, u32 first, u32 rows);

/* encode_luma.c: replaces as many rows of luma, once the planes of halved chroma are complete, so that
 * the pixels keep their luminance. */
int reserve_luma_rows(u32 width);
void correct_luma(const Raster *raster, const u8 *from, u32 first, u32 rows);

/* encode_quantizer.c: the table at a quality from 1 to 100, scaled as libjpeg does. */
void make_quantizer(Quantizer *quantizer, u32 quality);

/* encode_blocks.c */
Status make_blocks(Blocks *blocks, const Raster *raster, u32 component, const Quantizer *quantizer);
u32 samples_across(const Raster *raster, u32 component);
u32 samples_down(const Raster *raster, u32 component);

/* encode_scans.c */
Status make_tokens(Tokens *tokens, const Raster *raster, const Blocks *blocks,
                   const WrittenScan *scan);

/* encode_huffman.c: `words` has the length of each code word, and from bit 8 on the word; `room` is
 * as large as the coded data, and 16 bytes more. */
void make_code(Code *code, u32 *words, const u32 *counts);
u8 *put_tokens(u8 *to, u32 *room, const u32 *from, const u32 *end, const u32 *words);

/* encode_file.c: a whole file, from SOI to EOI. */
Status encode_raster(const Raster *raster, u32 quality, Script script, u8 **start,
                     u32 *bytes);

/* encode_exports.c: the planes that the host has filled are not used any more. */
void forget_planes(void);

/* encode_shown.c: the pixels that the file would show, R, G, B and one byte that is 0. Up to 28 bytes
 * behind them are overwritten. */
Status show_raster(const Raster *raster, u32 quality, u8 *pixels);

/* Makes sure that `bytes` bytes can be written from `at` on, where the memory in use ends. */
static inline Status make_room(const void *at, size_t bytes) {
  release((size_t)at);
  return allocate(bytes) ? OK : NO_MEMORY;
}

#endif
