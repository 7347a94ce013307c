/** @file A provider for @nuxt/image; the `src` of an image is its key. */
export type NuxtModifiers = {
    width?: number | string | undefined;
    height?: number | string | undefined;
    quality?: number | string | undefined;
    format?: string | undefined;
    fit?: string | undefined;
    blur?: unknown;
};
/**
 * @typedef {object} NuxtModifiers
 * @property {number | string | undefined} [width]
 * @property {number | string | undefined} [height]
 * @property {number | string | undefined} [quality]
 * @property {string | undefined} [format]
 * @property {string | undefined} [fit]
 * @property {unknown} [blur]
 */
/**
 * Return the URL of an image. @nuxt/image adds a slash at the beginning of the key, which is left out.
 * @param {string} src
 * @param {{modifiers?: NuxtModifiers, baseURL?: string}} options `baseURL` is the URL of images on request
 * @returns {{url: string}} throws a TypeError for a modifier, a format or a fit that unsigned URLs do not have
 */
declare function getImage(src: string, { modifiers, baseURL }: {
    modifiers?: NuxtModifiers;
    baseURL?: string;
}): {
    url: string;
};
/** @nuxt/image calls the provider once to get its functions. */
export default function imagemillProvider(): {
    getImage: typeof getImage;
};
export {};
