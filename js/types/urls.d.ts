/** @file URLs of images on request, in imgix's grammar (docs/urls/imgix.md). */
export type UrlOptions = {
    /**
     * px
     */
    width?: number | undefined;
    /**
     * px
     */
    height?: number | undefined;
    /**
     * default: crop if there are both sides, else max
     */
    fit?: "max" | "crop" | "scale" | "fill" | undefined;
    /**
     * 1 to 100
     */
    quality?: number | undefined;
    /**
     * default: auto, the best one that
     * the browser takes
     */
    format?: "auto" | "jpg" | "png" | "webp" | "avif" | "jxl" | undefined;
    /**
     * `version_id` of the record: caches then keep the image for a year
     */
    version?: string | null | undefined;
};
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
export declare function imageUrl(imagesUrl: string, key: string, options?: UrlOptions): string;
/**
 * Return the value of the attribute `srcset`.
 * @param {string} imagesUrl
 * @param {string} key
 * @param {readonly number[]} widths px; those of the parameter Widths of the stack cost no extra variants
 * @param {Omit<UrlOptions, "width">} options with a height, it is that of the first width, and grows with the others
 * @returns {string}
 */
export declare function srcset(imagesUrl: string, key: string, widths: readonly number[], options?: Omit<UrlOptions, "width">): string;
