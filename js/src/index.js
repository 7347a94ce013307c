/** @file The client of a stack, the errors of its API, and URLs of images. */

export { Imagemill } from "./client.js";
export { ImagemillError } from "./error.js";
export { postForm } from "./post_form.js";
export { imageUrl, srcset } from "./urls.js";

/** @typedef {import("./api.js").Image} Image */
/** @typedef {import("./api.js").ListedImage} ListedImage */
/** @typedef {import("./api.js").Listing} Listing */
/** @typedef {import("./api.js").Folder} Folder */
/** @typedef {import("./api.js").FolderListing} FolderListing */
/** @typedef {import("./api.js").FocalPoint} FocalPoint */
/** @typedef {import("./api.js").UploadForm} UploadForm */
/** @typedef {import("./api.js").PartsUpload} PartsUpload */
/** @typedef {import("./api.js").CookieLink} CookieLink */
/** @typedef {import("./client.js").ClientOptions} ClientOptions */
/** @typedef {import("./pages.js").ListOptions} ListOptions */
/** @typedef {import("./pages.js").SearchOptions} SearchOptions */
/** @typedef {import("./pages.js").FolderOptions} FolderOptions */
/** @typedef {import("./client.js").UploadOptions} UploadOptions */
/** @typedef {import("./client.js").WaitOptions} WaitOptions */
/** @typedef {import("./urls.js").UrlOptions} UrlOptions */
