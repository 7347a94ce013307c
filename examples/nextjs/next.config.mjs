import { join } from "node:path";

export default {
  images: {
    loader: "custom",
    loaderFile: "./image-loader.js",
    // Sizes of the parameter Widths of a stack, so that each size of a page is another image.
    deviceSizes: [640, 960, 1280, 1920, 2560],
    imageSizes: [60, 120, 250, 330, 500],
  },
  // The beginning of the URLs of images, for the pages of the browser.
  env: { IMAGES_URL: process.env.IMAGEMILL_IMAGES_URL },
  // The package imagemill is a link to a folder of the checkout.
  turbopack: { root: join(import.meta.dirname, "../..") },
};
