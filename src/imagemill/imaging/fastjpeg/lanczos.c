/* The weights of a Lanczos filter with three lobes, widened where samples are reduced. */
#include "resample.h"

enum { LOBES = 3 };

/* sin(πx) by the Taylor series about the nearest integer; accurate to 2^-20 in the range used here. */
static float sin_pi(float x) {
  i32 nearest = (i32)(x < 0 ? x - 0.5f : x + 0.5f);
  float angle = (x - (float)nearest) * 3.14159265f, z = angle * angle;
  float series = 2.7557319e-6f;
  series = -1.9841270e-4f + z * series;
  series = 8.3333333e-3f + z * series;
  series = -0.16666667f + z * series;
  series = angle * (1 + z * series);
  return nearest & 1 ? -series : series;
}

/* sin(πx) sin(πx / 3) / (πx)² · 3, where sin(πx) is 3 s - 4 s³ of s = sin(πx / 3). */
static float lanczos(float x) {
  if (x < 0) x = -x;
  if (x >= LOBES) return 0;
  if (x < 1e-4f) return 1;
  float s = sin_pi(x * (1.0f / LOBES)), z = s * s;
  return z * (3 - 4 * z) * LOBES / (9.8696044f * x * x);
}

/* The same for samples that each stand for two. libjpeg and browsers double them first: a new sample is
 * three quarters of the nearer one and a quarter of the farther one. So each has a share in four. */
static float lanczos_of_doubled(float distance, float shrink) {
  float near = lanczos((distance - 0.25f) * shrink) + lanczos((distance + 0.25f) * shrink);
  float far = lanczos((distance - 0.75f) * shrink) + lanczos((distance + 0.75f) * shrink);
  return 0.75f * near + 0.25f * far;
}

static i32 nearest(float value) { return (i32)(value < 0 ? value - 0.5f : value + 0.5f); }

/* Rounds weights to a sum of exactly 1. A rounding error is made up for by the next weights, so that
 * many small weights that are all rounded down do not add up to a large error. */
static void round_weights(const float *weights, float sum, u32 taps, i16 *rounded) {
  float scale = (1 << WEIGHT) / sum, exact = 0;
  i32 total = 0;
  for (u32 i = 0; i < taps; i++) {
    exact += weights[i] * scale;
    rounded[i] = (i16)(nearest(exact) - total);
    total += rounded[i];
  }
}

/* Stores the weights in pairs that begin at an even sample, without leading zeros. */
static void store_pairs(Axis *axis, u32 index, const i16 *rounded, u32 first, u32 taps) {
  u32 *weights = axis->weights + (size_t)index * axis->stride;
  u32 skipped = 0;
  while (skipped + 1 < taps && !rounded[skipped]) skipped++;
  u32 pair = axis->first[index] = (first + skipped) / 2;
  for (u32 i = skipped; i < taps; i++)
    weights[(first + i) / 2 - pair] |= (u32)(u16)rounded[i] << ((first + i) % 2 * 16);
}

/* Puts zeros back where a result would begin behind the next one, and finds the most pairs used. */
static void align_pairs(Axis *axis, u32 results) {
  for (u32 i = results; i-- > 0;) {
    u32 *weights = axis->weights + (size_t)i * axis->stride, pairs = axis->stride;
    u32 late = i + 1 < results && axis->first[i] > axis->first[i + 1]
                   ? axis->first[i] - axis->first[i + 1]
                   : 0;
    axis->first[i] -= late;
    for (u32 j = axis->stride; late && j-- > 0;) weights[j] = j < late ? 0 : weights[j - late];
    while (pairs > 1 && !weights[pairs - 1]) pairs--;
    if (pairs > axis->pairs) axis->pairs = pairs;
  }
}

typedef struct {
  float *exact;
  i16 *rounded;
  u32 taps;
  int is_doubled;
} Scratch;

/* Distance, in samples, at which a sample has a share in one within the filter's reach. */
static double surplus(int is_doubled) { return is_doubled ? 0.75 : 0; }

static void weigh(Axis *axis, u32 index, double centre, double stretch, const Scratch *scratch) {
  float shrink = (float)(1 / stretch), sum = 0;
  i32 first = (i32)(centre - LOBES * stretch - surplus(scratch->is_doubled) - 0.5);
  if (first < 0) first = 0;
  if (first > (i32)axis->samples - 1) first = (i32)axis->samples - 1;
  u32 left = axis->samples - (u32)first, taps = scratch->taps < left ? scratch->taps : left;
  float offset = (float)((double)first + 0.5 - centre);
  for (u32 i = 0; i < taps; i++) {
    float distance = offset + (float)i;
    scratch->exact[i] = scratch->is_doubled ? lanczos_of_doubled(distance, shrink)
                                            : lanczos(distance * shrink);
    sum += scratch->exact[i];
  }
  round_weights(scratch->exact, sum, taps, scratch->rounded);
  store_pairs(axis, index, scratch->rounded, (u32)first, taps);
}

Status make_axis(Axis *axis, double start, double length, u32 samples, u32 count, int is_doubled) {
  double least = is_doubled ? 0.5 : 1, step = length / count, stretch = step > least ? step : least;
  u32 taps = (u32)(2 * LOBES * stretch + 2 * surplus(is_doubled)) + 2, groups = divide_up(count, ROWS) * ROWS;
  u32 stride = (taps / 2 + 4) / 4 * 4;
  size_t before = mark(), bytes = (size_t)groups * stride * sizeof(u32);
  u32 *weights = allocate(bytes), *first = allocate((size_t)groups * sizeof *first);
  size_t kept = mark();
  Scratch scratch = {allocate(taps * sizeof(float)), 0, taps, is_doubled};
  scratch.rounded = allocate(taps * sizeof(i16));
  if (!weights || !first || !scratch.exact || !scratch.rounded) {
    release(before);
    return NO_MEMORY;
  }
  *axis = (Axis){weights, first, 0, stride, count, samples};
  __builtin_memset(weights, 0, bytes);
  for (u32 i = 0; i < groups; i++)
    weigh(axis, i, start + ((i < count ? i : count - 1) + 0.5) * step, stretch, &scratch);
  align_pairs(axis, groups);
  release(kept);
  return OK;
}
