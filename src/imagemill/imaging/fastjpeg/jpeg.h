/* What the parts of the decoder share: the words of ITU-T T.81 | ISO/IEC 10918-1, and memory.
 *
 * A thumbnail needs only the lowest frequencies of each 8 × 8 block. `kept` of the eight samples of a
 * block's side are made, one to four, from the kept × kept lowest coefficients; the entropy decoder
 * passes over all others several at a time, and over whole scans that hold nothing else.
 *
 * The decoder is strict: whatever is not exactly as the standard has it ends in a status other than
 * OK, and the caller asks a forgiving decoder instead. No input may make it hang or write beyond its
 * own memory; the sandbox it runs in sees to what is overlooked here.
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

typedef enum {
  OK = 0,
  CORRUPT = 1,     /* breaks the standard, or ends before it should; the image need not suffer */
  UNSUPPORTED = 2, /* may well be right, but is not decoded here */
  TOO_SMALL = 3,   /* more of each side is wanted than can be kept */
  NO_MEMORY = 4,
  DAMAGED = 5,     /* coded data that is not that of the image: what follows it cannot be trusted */
} Status;

#define TRY(call)                     \
  do {                                \
    Status status_ = (call);          \
    if (status_ != OK) return status_; \
  } while (0)

enum {
  BLOCK_SIDE = 8,      /* A.1.3: samples of a block, each way */
  MAX_KEPT = 4,
  MAX_KEPT_PROGRESSIVE = 2, /* what refinements would add shows beyond: progressive.c */
  LAST = 63,           /* the last coefficient of a block in zigzag order: Figure A.6 */
  MAX_COMPONENTS = 4,
  MAX_DRAWN = 3,       /* of them, where the image is drawn and not only checked */
  MAX_UNITS = 10,      /* B.2.3: blocks of an MCU at the most */
  VALUE_BITS = 10,
  SKIP_BITS = 13,
};

/* A Huffman table as it came, and as it is looked up. Entries of the look-up tables: huffman.c. */
typedef struct {
  u8 is_defined;
  u8 made_for;          /* what the look-up tables stand for now: a Purpose */
  u8 bits[17];          /* BITS, B.2.4.2: codes of each length */
  u8 values[256];       /* HUFFVAL: symbols in order of their codes */
  _Alignas(16) u16 limit[16]; /* what follows MAXCODE of each length, F.2.2.3, as the first of 16 bits */
  i32 value_offset[17]; /* VALPTR - MINCODE */
  u32 value[1 << VALUE_BITS];
  u16 skip[1 << SKIP_BITS];
} Table;

typedef enum { FOR_NOTHING, FOR_DC, FOR_AC, FOR_SYMBOLS } Purpose;

typedef struct {
  u8 id, h, v, quantizer;     /* Ci, Hi, Vi, Tqi: B.2.2 */
  u8 dc_table, ac_table;      /* Tdj, Taj: B.2.3 */
  u8 is_decoded;              /* sequential: its one scan has been seen */
  i32 prediction;             /* PRED: F.2.1.3.1 */
  u32 blocks_across, blocks_down;         /* in whole MCUs */
  u32 own_blocks_across, own_blocks_down; /* A.2.2: in a scan of its own */
  u32 kept;                   /* samples made of a block's eight, each way */
  u32 last;                   /* in zigzag order, the last coefficient that is read for them */
  u8 *samples;
  u32 stride;
  u64 *nonzero;               /* progressive, checked: for each block a bit for each coefficient */
  i16 *coefficients;          /* progressive: kept × kept for each block, rows of a block together */
  signed char precision[LAST + 1]; /* progressive: Al of the last scan of each; -1 before any */
} Component;

typedef struct {
  u32 width, height;    /* X, Y: B.2.2 */
  u32 components;       /* Nf */
  u32 max_h, max_v;     /* Hmax, Vmax: A.1.1 */
  u32 mcus_across, mcus_down;
  u32 restart_interval; /* Ri: B.2.4.4 */
  u8 is_checked; /* only checked for damage, in all of its scans; not drawn */
  u8 has_frame, has_scan, is_progressive, says_rgb;
  u8 quantizer_defined[4];
  u16 quantizer[4][LAST + 1]; /* Qk, in zigzag order: B.2.4.1 */
  Component component[MAX_COMPONENTS];
} Image;

/* One scan's header: B.2.3. */
typedef struct {
  u32 components;
  Component *component[MAX_COMPONENTS];
  u32 first, last; /* Ss, Se */
  u32 high, low;   /* Ah, Al */
} Scan;

/* The least size that planes must have: luminance (or grey), and the other components. */
typedef struct {
  u32 luma_width, luma_height, chroma_width, chroma_height;
} Wanted;

/* memory.c: memory that is only ever given back as a whole, or down to a mark. */
void *allocate(size_t bytes);
size_t mark(void);
void release(size_t to);

/* huffman.c */
extern Table dc_tables[4], ac_tables[4];
void forget_tables(void);
Status define_tables(const u8 *segment, const u8 *end);
Status prepare_table(Table *table, Purpose purpose);

/* markers.c: decode for planes of the sizes wanted, or check for damage where none are. */
Status decode_file(Image *image, const u8 *data, size_t bytes, const Wanted *wanted);
const u8 *next_marker(const u8 *at, const u8 *end);

/* sequential.c, progressive.c: decode a scan; `at` moves from behind its header to its end. */
Status decode_sequential(Image *image, Scan *scan, const u8 **at, const u8 *end);
Status decode_progressive(Image *image, Scan *scan, const u8 **at, const u8 *end);
Status allocate_coefficients(Image *image);
Status finish_progressive(Image *image);

/* check.c */
Status check_ac_scan(Image *image, Scan *scan, const u8 **at, const u8 *end);

/* resample.c */
typedef struct {
  u32 left, top, right, bottom; /* px of the original */
} Box;
Status resample(const Image *image, const Box *box, u32 width, u32 height, u8 *pixels);

#define INLINE inline __attribute__((always_inline))

static inline u32 divide_up(u32 dividend, u32 divisor) { return (dividend + divisor - 1) / divisor; }

static inline u32 word(const u8 *at) { return (u32)at[0] << 8 | at[1]; }

static inline u8 clamp(i32 value) { return value < 0 ? 0 : value > 255 ? 255 : (u8)value; }

#endif
