/**
 * @file Decode a ThumbHash, a preview image of about 30 bytes, by the description of Evan Wallace
 * (https://evanw.github.io/thumbhash/).
 *
 * A hash has a few terms of a cosine transform: of lightness (L), of two colour differences (P: yellow
 * minus blue, Q: red minus green), and of alpha if the image has it. The terms of a channel are the
 * upper left triangle of a small grid. Its first term is the mean and is stored separately.
 */

const LONGEST = 32;
/** Factor for the colour channels, which compensates for the encoder's rounding. */
const VIVID = 1.25;

/** @typedef {{across: number, down: number, mean: number, terms: [number, number, number][]}} Channel */

/**
 * @param {string} text base64
 * @returns {ImageData | null} null if the text is no ThumbHash
 */
export function decode(text) {
  const bytes = bytesOf(text);
  if (bytes.length < 5) return null;
  const { light, yellow, red, alpha } = channels(bytes);
  const ratio = light.across / light.down;
  const width = Math.round(ratio > 1 ? LONGEST : LONGEST * ratio);
  const height = Math.round(ratio > 1 ? LONGEST / ratio : LONGEST);
  const image = new ImageData(width, height);
  const acrossAll = waves(width, 7);
  const downAll = waves(height, 7);
  for (let at = 0, y = 0; y < height; y += 1) {
    const down = downAll[y] ?? [];
    for (let x = 0; x < width; x += 1, at += 4) {
      const across = acrossAll[x] ?? [];
      const l = value(light, across, down);
      const blue = l - (2 / 3) * value(yellow, across, down);
      const q = value(red, across, down);
      const most = (3 * l - blue + q) / 2;
      // The array clamps to 0 and 255.
      image.data[at] = most * 255;
      image.data[at + 1] = (most - q) * 255;
      image.data[at + 2] = blue * 255;
      image.data[at + 3] = alpha ? value(alpha, across, down) * 255 : 255;
    }
  }
  return image;
}

/**
 * @param {string | null} text base64
 * @returns {boolean} whether the image is transparent somewhere, also if its hash is not known
 */
export function isClear(text) {
  return !text || ((bytesOf(text)[2] ?? 0) & 128) !== 0;
}

/**
 * @param {string} text
 * @returns {Uint8Array}
 */
function bytesOf(text) {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/**
 * Read the header of five or six bytes, and the terms after it, four bits each.
 * @param {Uint8Array} bytes
 * @returns {{light: Channel, yellow: Channel, red: Channel, alpha: Channel | null}}
 */
function channels(bytes) {
  const byte = (/** @type {number} */ at) => bytes[at] ?? 0;
  const head = byte(0) | (byte(1) << 8) | (byte(2) << 16);
  const tail = byte(3) | (byte(4) << 8);
  const clear = head >> 23 === 1;
  const long = clear ? 5 : 7;
  const wide = tail >> 15 === 1;
  const short = Math.max(3, tail & 7);
  let next = clear ? 12 : 10;
  const half = () => {
    const pair = byte(next >> 1);
    const bits = next % 2 ? pair >> 4 : pair & 15;
    next += 1;
    return bits / 7.5 - 1;
  };
  const channel = (/** @type {number} */ mean, /** @type {number} */ scale, /** @type {number} */ across, /** @type {number} */ down) => {
    /** @type {Channel["terms"]} places in the grid, and their factors */
    const terms = [];
    for (const [u, v] of places(across, down)) terms.push([u, v, half() * scale * 2]);
    return { across, down, mean, terms };
  };
  const light = channel((head & 63) / 63, ((head >> 18) & 31) / 31, wide ? long : short, wide ? short : long);
  const yellow = channel(((head >> 6) & 63) / 31.5 - 1, (VIVID * ((tail >> 3) & 63)) / 63, 3, 3);
  const red = channel(((head >> 12) & 63) / 31.5 - 1, (VIVID * ((tail >> 9) & 63)) / 63, 3, 3);
  const alpha = clear ? channel((byte(5) & 15) / 15, (byte(5) >> 4) / 15, 5, 5) : null;
  return { light, yellow, red, alpha };
}

/**
 * Yield the grid positions of a channel's terms, in their order.
 * @param {number} across
 * @param {number} down
 * @returns {Generator<[number, number], void>}
 */
function* places(across, down) {
  for (let v = 0; v < down; v += 1) {
    for (let u = v ? 0 : 1; u * down < across * (down - v); u += 1) yield [u, v];
  }
}

/**
 * @param {Channel} channel
 * @param {number[]} across the cosines at this column
 * @param {number[]} down the cosines at this row
 */
function value(channel, across, down) {
  let sum = channel.mean;
  for (const [u, v, factor] of channel.terms) sum += factor * (across[u] ?? 0) * (down[v] ?? 0);
  return sum;
}

/**
 * @param {number} length
 * @param {number} count
 * @returns {number[][]} cosines by position, then by frequency
 */
function waves(length, count) {
  return Array.from({ length }, (_, at) =>
    Array.from({ length: count }, (__, wave) => Math.cos((Math.PI / length) * (at + 0.5) * wave)),
  );
}
