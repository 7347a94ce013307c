/* Types and functions shared by the C files, named as in ITU-T T.81 | ISO/IEC 10918-1.
 *
 * A small image needs only the lowest frequencies of each 8 × 8 block. The decoder produces `kept`
 * samples, one to eight, on the side of a block, from its kept × kept lowest coefficients. It skips the
 * other coefficients several at a time, and scans of which one or two samples need nothing completely.
 *
 * The decoder is strict: any deviation from the standard gives a status other than OK, and the caller
 * uses a tolerant decoder instead. No input may make it hang or write outside its own memory; the
 * sandbox protects the host from mistakes in this code.
 */
#ifndef JPEG_H
#define JPEG_H

#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t i16;
typedef int32_t i32;
typedef float f32;

typedef enum {
  OK = 0,
  CORRUPT = 1,     /* violates the standard or ends early; the image itself may be intact */
  UNSUPPORTED = 2, /* possibly valid, but not decoded here */
  NO_MEMORY = 4,
  DAMAGED = 5,     /* the coded data do not belong to the image; later data are unreliable */
} Status;

#define TRY(call)                     \
  do {                                \
    Status status_ = (call);          \
    if (status_ != OK) return status_; \
  } while (0)

enum {
  BLOCK_SIDE = 8,      /* A.1.3: samples of a block, each way */
  LEAST_WIDE = 3,      /* samples kept from which inverse_dct.h makes them, from all scans */
  LAST = 63,           /* the last coefficient of a block in zigzag order: Figure A.6 */
  MAX_COMPONENTS = 4,
  MAX_DRAWN = 3,       /* components of an image that is drawn, not only checked */
  MAX_UNITS = 10,      /* B.2.3: most blocks of an MCU */
  VALUE_BITS = 10,
  SKIP_BITS = 12,
};

/* A Huffman table as read, and its look-up tables. Their entries: huffman.h. */
typedef struct {
  u8 is_defined;
  u8 made_for;          /* Purpose of the current look-up tables */
  u8 bits[17];          /* BITS, B.2.4.2: number of codes of each length */
  u8 values[256];       /* HUFFVAL: symbols in the order of their codes */
  _Alignas(16) u16 limit[16]; /* MAXCODE + 1 of each length, F.2.2.3, left-aligned in 16 bits */
  i32 value_offset[17]; /* VALPTR - MINCODE */
  u32 value[1 << VALUE_BITS];
  u16 skip[1 << SKIP_BITS];
} Table;

/* Use of a table. FOR_VALUES is FOR_AC without the table for skipping. */
typedef enum { FOR_NOTHING, FOR_DC, FOR_AC, FOR_SYMBOLS, FOR_VALUES } Purpose;

typedef struct {
  u8 index;                   /* in the frame */
  u8 id, h, v, quantizer;     /* Ci, Hi, Vi, Tqi: B.2.2 */
  u8 dc_table, ac_table;      /* Tdj, Taj: B.2.3 */
  u8 is_decoded;              /* sequential: its only scan has been read */
  i32 prediction;             /* PRED: F.2.1.3.1 */
  u32 blocks_across, blocks_down;         /* of the part that is decoded, in whole MCUs */
  u32 first_column, first_row;            /* and where it begins, in blocks */
  u32 all_across, all_down;               /* of the whole image, padded to whole MCUs */
  u32 own_blocks_across, own_blocks_down; /* A.2.2: in a non-interleaved scan */
  u32 kept;                   /* samples produced on the side of a block */
  u32 halvings;               /* how often the plane was halved after that: levels.c */
  u32 last;                   /* the last coefficient needed for them, in zigzag order */
  u8 *samples;
  u32 stride;
  i16 *coefficients;          /* progressive: of each block, kept × kept by rows, or LEAST_WIDE and
                                 more kept: 8 × kept by columns */
  const u8 *place;            /* progressive: index among them of each in zigzag order */
  u64 *nonzero;               /* progressive, if all scans are read: a bit per coefficient of each block
                                 of the whole image */
  signed char precision[LAST + 1]; /* progressive: Al of the last scan of each; -1 before any */
} Component;

/* Consecutive columns or rows of MCUs or blocks; `end` lies outside. */
typedef struct {
  u32 first, end;
} Span;

typedef struct {
  u32 left, top, right, bottom; /* px of the original */
} Box;

/* Where the samples of a plane are drawn to: in the full range, and in the narrow one unless null. */
typedef struct {
  u8 *full, *narrow;
} Drawn;

typedef struct {
  u32 width, height;    /* X, Y: B.2.2; after decoding those of the part */
  u32 components;       /* Nf */
  u32 max_h, max_v;     /* Hmax, Vmax: A.1.1 */
  u32 mcus_across, mcus_down;
  Span columns, rows;   /* the part that is decoded, in MCUs */
  u32 restart_interval; /* Ri: B.2.4.4 */
  u8 is_checked; /* all scans are checked for damage; nothing is drawn */
  u8 has_frame, has_scan, is_progressive, says_rgb;
  u8 quantizer_defined[4];
  u16 quantizer[4][LAST + 1]; /* Qk, in zigzag order: B.2.4.1 */
  Component component[MAX_COMPONENTS];
} Image;

/* Header of a scan: B.2.3. */
typedef struct {
  u32 components;
  Component *component[MAX_COMPONENTS];
  u32 first, last; /* Ss, Se */
  u32 high, low;   /* Ah, Al */
} Scan;

/* Minimum size of the planes of the whole image: luminance (or grey), and the other components; and the
 * part of it to decode, everything if that is empty. */
typedef struct {
  u32 luma_width, luma_height, chroma_width, chroma_height;
  Box part;
} Wanted;

/* memory.c: memory is released as a whole or back to a mark. */
void *allocate(size_t bytes);
size_t mark(void);
void release(size_t to);

/* huffman.c */
extern Table dc_tables[4], ac_tables[4];
void forget_tables(void);
Status define_tables(const u8 *segment, const u8 *end);
Status prepare_table(Table *table, Purpose purpose);

/* markers.c: decodes to planes of the wanted sizes; with no sizes, only checks for damage. */
Status decode_file(Image *image, const u8 *data, size_t bytes, const Wanted *wanted);
const u8 *next_marker(const u8 *at, const u8 *end);

/* part.c */
Status choose_part(Image *image, const Box *part);
void become_part(Image *image);
Span blocks_of(Span mcus, u32 blocks);
int ends_early(const Image *image);

/* sequential.c, progressive.c: decode a scan; `at` moves from the end of its header to its end. */
Status decode_sequential(Image *image, Scan *scan, const u8 **at, const u8 *end);
Status decode_progressive(Image *image, Scan *scan, const u8 **at, const u8 *end);
Status allocate_coefficients(Image *image);
Status finish_progressive(Image *image);

/* progressive_ac.c */
Status decode_ac_scan(const Image *image, Scan *scan, const u8 **at, const u8 *end);

/* check.c */
Status check_ac_scan(Image *image, Scan *scan, const u8 **at, const u8 *end);

/* levels.c */
void forget_levels(Image *image);
u32 sample_columns(const Image *image, const Component *component);
u32 sample_rows(const Image *image, const Component *component);

/* draw.c */
const Image *level_for(const Image *image, const Box *box, u32 width, u32 height);
Status resample(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels);
Status resample_plane(const Image *image, u32 index, const Box *box, u32 width, u32 height,
                      float right, float bottom, const Drawn *to);

/* exports.c: forgets the decoded image; the planes of the decoded image to draw a part from, or null. */
u8 *reserve(u32 bytes);
const Image *planes_for(const Box *box, u32 width, u32 height, int may_be_halved);

#define INLINE inline __attribute__((always_inline))

static inline u32 divide_up(u32 dividend, u32 divisor) { return (dividend + divisor - 1) / divisor; }

static inline u32 word(const u8 *at) { return (u32)at[0] << 8 | at[1]; }

static inline u8 clamp(i32 value) { return value < 0 ? 0 : value > 255 ? 255 : (u8)value; }

#endif
