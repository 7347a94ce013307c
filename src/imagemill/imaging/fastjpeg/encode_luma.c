/* Luma that keeps the luminance of each pixel, although its chroma is shared with its neighbours.
 *
 * A decoder interpolates halved chroma, so at the edges of colours each pixel gets a little of the
 * colour beside it. Luma is the same, but luminance is not: it grows faster than the samples do. It is
 * taken here as the weighed sum of the squares of red, green and blue, and luma is changed by the
 * difference divided by the sum's slope.
 */
#include "encoder.h"

enum { PIXEL = 4 }; /* bytes of a pixel: R, G, B, and one that is ignored */

/* T.871, clause 7: weights of red, green and blue in luma; chroma per unit of colour minus luma. */
#define RED 0.299f
#define GREEN 0.587f
#define BLUE 0.114f
#define PER_RED (0.5f / (1 - RED))
#define PER_BLUE (0.5f / (1 - BLUE))
#define LEVEL 128.0f

/* Darker pixels are treated as this bright: their slope is so small that the change would be large. */
#define LEAST_LUMA 16.0f

/* Interpolated chroma of one row, and a row between two rows of samples. */
static f32 *interpolated[2], *between;

int reserve_luma_rows(u32 width) {
  size_t bytes = (width + 2) * sizeof(f32);
  interpolated[0] = allocate(bytes);
  interpolated[1] = allocate(bytes);
  return (between = allocate(bytes)) && interpolated[0] && interpolated[1];
}

/* The nearer of two samples counts three times: in both directions, as decoders do. */
static void interpolate(const Raster *raster, u32 component, u32 y, f32 *to) {
  u32 across = samples_across(raster, component), down = samples_down(raster, component);
  u32 near = y / 2, far = y & 1 ? near + 1 : near - (near > 0);
  const u8 *a = raster->plane[component] + (size_t)near * across;
  const u8 *b = raster->plane[component] + (size_t)(far < down ? far : near) * across;
  for (u32 i = 0; i < across; i++) between[i + 1] = (f32)(3 * a[i] + b[i]);
  between[0] = between[1];
  between[across + 1] = between[across];
  for (u32 x = 0; x < raster->width; x++) {
    const f32 *at = between + x / 2 + 1;
    to[x] = (3 * at[0] + at[x & 1 ? 1 : -1]) / 16;
  }
}

/* The luma of one pixel whose decoded chroma will be `cb` and `cr`. */
static INLINE u8 luma_of(const u8 *pixel, f32 cb, f32 cr) {
  f32 red = pixel[0], green = pixel[1], blue = pixel[2];
  f32 luma = RED * red + GREEN * green + BLUE * blue;
  f32 off_red = (cr - LEVEL) / PER_RED - (red - luma);
  f32 off_blue = (cb - LEVEL) / PER_BLUE - (blue - luma);
  f32 off_green = -(RED * off_red + BLUE * off_blue) / GREEN;
  f32 excess = RED * off_red * (red + off_red / 2) + GREEN * off_green * (green + off_green / 2) +
               BLUE * off_blue * (blue + off_blue / 2);
  f32 made = luma - excess / (luma < LEAST_LUMA ? LEAST_LUMA : luma) + 0.5f;
  return (u8)(made < 0 ? 0 : made > 255 ? 255 : made);
}

void correct_luma(const Raster *raster, const u8 *from, u32 first, u32 rows) {
  for (u32 y = first; y < first + rows; y++, from += (size_t)PIXEL * raster->width) {
    u8 *row = raster->plane[0] + (size_t)y * raster->width;
    for (u32 i = 0; i < 2; i++) interpolate(raster, i + 1, y, interpolated[i]);
    for (u32 x = 0; x < raster->width; x++)
      row[x] = luma_of(from + (size_t)PIXEL * x, interpolated[0][x], interpolated[1][x]);
  }
}
