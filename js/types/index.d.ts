/** @file The client of a stack, the errors of its API, and URLs of images. */
export { Imagemill } from "./client.js";
export { ImagemillError } from "./error.js";
export { postForm } from "./post_form.js";
export { imageUrl, srcset } from "./urls.js";
export type Image = import("./api.js").Image;
export type ListedImage = import("./api.js").ListedImage;
export type Listing = import("./api.js").Listing;
export type Folder = import("./api.js").Folder;
export type FolderListing = import("./api.js").FolderListing;
export type FocalPoint = import("./api.js").FocalPoint;
export type UploadForm = import("./api.js").UploadForm;
export type PartsUpload = import("./api.js").PartsUpload;
export type CookieLink = import("./api.js").CookieLink;
export type ClientOptions = import("./client.js").ClientOptions;
export type ListOptions = import("./pages.js").ListOptions;
export type SearchOptions = import("./pages.js").SearchOptions;
export type FolderOptions = import("./pages.js").FolderOptions;
export type UploadOptions = import("./client.js").UploadOptions;
export type WaitOptions = import("./client.js").WaitOptions;
export type UrlOptions = import("./urls.js").UrlOptions;
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
