/** @file Which tiles of an image to show: geometry of IIIF tiles, without a page. */

/** @typedef {{address: string, width: number, height: number}} Source the IIIF address of an image, and its sides in px */
/** @typedef {{x: number, y: number, scale: number}} View image px in the middle; CSS px for each image px */
/** @typedef {{left: number, top: number, width: number, height: number, address: string}} Tile part of the image, in px */

/** Longest side of a tile, in px; the IIIF service announces the same. */
const TILE_PX = 512;
/** Most CSS px for each image px. */
const LARGEST_SCALE = 4;

/**
 * @param {Source} source
 * @returns {number} the largest scale factor that is needed: one tile shows the whole image
 */
function coarsest({ width, height }) {
  return 2 ** Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / TILE_PX)));
}

/**
 * @param {Source} source
 * @param {number} scale device px for each image px
 * @returns {number} the scale factor, a power of two, whose tiles have at least as many px
 */
export function factorFor(source, scale) {
  const factor = 2 ** Math.floor(Math.log2(1 / Math.min(1, scale)));
  return Math.min(factor, coarsest(source));
}

/**
 * @param {Source} source
 * @param {View} view
 * @param {{width: number, height: number}} stage in CSS px
 * @param {number} factor image px for each px of a tile
 * @returns {Tile[]} the tiles that the stage shows, those in the middle first
 */
export function visible(source, view, stage, factor) {
  const step = TILE_PX * factor;
  const [across, down] = [stage.width / view.scale / 2, stage.height / view.scale / 2];
  const found = [];
  for (const top of range(view.y - down, view.y + down, step, source.height))
    for (const left of range(view.x - across, view.x + across, step, source.width))
      found.push(tile(source, left, top, factor));
  const distance = (/** @type {Tile} */ one) =>
    Math.hypot(one.left + one.width / 2 - view.x, one.top + one.height / 2 - view.y);
  return found.sort((a, b) => distance(a) - distance(b));
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} step
 * @param {number} end
 * @returns {number[]} the multiples of step below end whose intervals touch those between from and to
 */
function range(from, to, step, end) {
  const found = [];
  for (let at = Math.max(0, Math.floor(from / step) * step); at < Math.min(to, end); at += step) found.push(at);
  return found;
}

/**
 * @param {Source} source
 * @param {number} left
 * @param {number} top
 * @param {number} factor
 * @returns {Tile}
 */
function tile(source, left, top, factor) {
  const width = Math.min(TILE_PX * factor, source.width - left);
  const height = Math.min(TILE_PX * factor, source.height - top);
  const size = `${Math.ceil(width / factor)},${Math.ceil(height / factor)}`;
  const isWhole = width === source.width && height === source.height;
  const region = isWhole ? "full" : [left, top, width, height].join(",");
  const whole = isWhole && factor === 1 ? "max" : size;
  return { left, top, width, height, address: `${source.address}/${region}/${whole}/0/default.jpg` };
}

/**
 * @param {Source} source
 * @param {View} view
 * @param {{width: number, height: number}} stage in CSS px
 * @returns {View} the view moved and scaled so that the image fills the stage as far as it can
 */
export function within(source, view, stage) {
  const least = fitting(source, stage);
  const scale = Math.min(Math.max(view.scale, least), Math.max(least, LARGEST_SCALE));
  return {
    scale,
    x: between(view.x, stage.width / scale / 2, source.width),
    y: between(view.y, stage.height / scale / 2, source.height),
  };
}

/**
 * @param {Source} source
 * @param {{width: number, height: number}} stage
 * @returns {number} the scale at which the whole image is visible
 */
export function fitting(source, stage) {
  return Math.min(stage.width / source.width, stage.height / source.height);
}

/**
 * @param {number} middle
 * @param {number} half of what is visible
 * @param {number} length
 */
function between(middle, half, length) {
  return 2 * half >= length ? length / 2 : Math.min(Math.max(middle, half), length - half);
}

/**
 * @param {View} view
 * @param {number} times
 * @param {{x: number, y: number}} point that stays where it is, in CSS px from the middle of the stage
 * @returns {View}
 */
export function magnified(view, times, point) {
  const scale = view.scale * times;
  const shift = 1 / view.scale - 1 / scale;
  return { scale, x: view.x + point.x * shift, y: view.y + point.y * shift };
}
