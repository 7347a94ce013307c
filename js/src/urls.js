/** @file URLs of images on request, in imgix's grammar (docs/urls/imgix.md). */

/**
 * @typedef {object} UrlOptions
 * @property {number | undefined} [width] px
 * @property {number | undefined} [height] px
 * @property {"max" | "crop" | "scale" | "fill" | undefined} [fit] default: crop if there are both sides, else max
 * @property {number | undefined} [quality] 1 to 100
 * @property {"auto" | "jpg" | "png" | "webp" | "avif" | "jxl" | undefined} [format] default: auto, the best one that
 *   the browser takes
 * @property {string | null | undefined} [version] `version_id` of the record: caches then keep the image for a year
 */

/**
 * Return the URL of an image in a size and a format.
 * @param {string} imagesUrl `images_url` of `imagemill up --json`, or the output ImagesUrl of the stack
 * @param {string} key the key or the id of the image
 * @param {UrlOptions} options
 * @returns {string}
 */
export function imageUrl(imagesUrl, key, options = {}) {
  const { width, height, quality, version, format = "auto" } = options;
  const fit = options.fit ?? (width && height ? "crop" : undefined);
  /** @type {[string, string | number | null | undefined][]} */
  const parameters = [
    ["w", width],
    ["h", height],
    ["fit", fit],
    format === "auto" ? ["auto", "format"] : ["fm", format],
    ["q", quality],
    ["v", version],
  ];
  const query = parameters.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []));
  return `${imagesUrl.replace(/\/+$/, "")}/~/${encodedKey(key)}?${query.join("&")}`;
}

/**
 * Return the value of the attribute `srcset`.
 * @param {string} imagesUrl
 * @param {string} key
 * @param {readonly number[]} widths px; those of the parameter Widths of the stack cost no extra variants
 * @param {Omit<UrlOptions, "width">} options with a height, it is that of the first width, and grows with the others
 * @returns {string}
 */
export function srcset(imagesUrl, key, widths, options = {}) {
  const { height, ...others } = options;
  const first = widths[0] ?? 1;
  const url = (/** @type {number} */ width) =>
    imageUrl(imagesUrl, key, { ...others, width, height: height && Math.round((height * width) / first) });
  return widths.map((width) => `${url(width)} ${width}w`).join(", ");
}

/**
 * @param {string} key
 * @returns {string} the key in a path; a source set separates its candidates by spaces and commas
 */
function encodedKey(key) {
  const segments = key.split("/");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new TypeError(`no URL can name the key ${key}: use the id of the image`);
  }
  return segments.map(encodeURIComponent).join("/");
}
