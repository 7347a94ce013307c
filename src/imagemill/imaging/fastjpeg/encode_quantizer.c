/* Quantization tables for a quality, and the factors that divide by them. */
#include "encoder.h"

/* Tables K.1 and K.2, row by row. */
static const u8 standard[2][BLOCK_SAMPLES] = {
    {16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
     14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
     18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
     49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99},
    {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
     24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};

/* Factors that the forward transform of Arai, Agui and Nakajima leaves in its results, each way. */
static const float aan[8] = {1.0f, 1.387039845f, 1.306562965f, 1.175875602f,
                             1.0f, 0.785694958f, 0.541196100f, 0.275899379f};

/* The factor that all results have in common: 8, and 2 for FORWARD_BITS. */
static const float gain = 16;

/* The step at an index of `standard`, 1 to 255, as libjpeg's jpeg_set_quality gives it. */
static u32 step_of(u32 is_chroma, u32 at, u32 quality) {
  u32 percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  u32 step = (standard[is_chroma][at] * percent + 50) / 100;
  return step < 1 ? 1 : step > 255 ? 255 : step;
}

/* Splits 1 / divisor into a factor with all its 15 bits and a power of two: the multiplication that
 * follows in i16 rounds after each, and thus loses little. */
static void split(float divisor, i16 *reciprocal, i16 *shift) {
  float factor = 32768 / divisor;
  u32 n = 0;
  for (; factor * 2 <= 32767; n++) factor *= 2;
  *reciprocal = factor > 32766 ? 32767 : (i16)(factor + 0.5f);
  *shift = n ? (i16)(1 << (15 - n)) : 32767;
}

void make_quantizer(Quantizer *quantizer, u32 is_chroma, u32 quality) {
  for (u32 at = 0; at < BLOCK_SAMPLES; at++) {
    u32 u = at / 8, v = at % 8, step = step_of(is_chroma, v * 8 + u, quality);
    quantizer->steps[zigzag_order[at]] = (u8)step;
    split((float)step * aan[u] * aan[v] * gain, &quantizer->reciprocals[at],
          &quantizer->shifts[at]);
  }
}
