/** @file A loader for next/image. */
/**
 * Return a loader for the setting `images.loaderFile` of Next.js, or for the property `loader` of an image. The `src`
 * of an image is its key; a slash at the beginning is left out.
 * @param {string} imagesUrl `images_url` of `imagemill up --json`, or the output ImagesUrl of the stack
 * @returns {(image: {src: string, width: number, quality?: number | undefined}) => string}
 */
export declare function nextLoader(imagesUrl: string): (image: {
    src: string;
    width: number;
    quality?: number | undefined;
}) => string;
