/** @file The client of the REST API. */
import type { CookieLink, FocalPoint, Image, ListedImage } from "./api.js";
import type { Accepted, FolderListing, Listing, PartsUpload, UploadForm, UploadRequest } from "./api.js";
import type { FolderOptions, ListOptions, SearchOptions } from "./pages.js";
export type ClientOptions = {
    /**
     * URL of the API, or of a server of yours that passes requests on and adds the key
     */
    api: string;
    /**
     * key of the API; never send one to a browser that may do more than its user
     */
    apiKey?: string;
    /**
     * of a user, or a function that returns the present one
     */
    token?: string | (() => string | Promise<string>);
    fetch?: typeof globalThis.fetch;
    /**
     * longest time for an answer of the API; default 30 s
     */
    timeoutMs?: number;
    /**
     * attempts after the first one that failed with a temporary error; default 3
     */
    retries?: number;
};
export type UploadOptions = {
    /**
     * default: the name of the file
     */
    filename?: string;
    /**
     * default: the type of the file
     */
    contentType?: string;
    /**
     * name of a rule of the recipe
     */
    recipe?: string;
    focus?: FocalPoint;
    /**
     * called with bytes, in browsers; elsewhere after
     * each part
     */
    onProgress?: (sent: number, total: number) => void;
    /**
     * called with the id and the key before the bytes are
     * sent
     */
    onForm?: (form: UploadForm | PartsUpload) => void;
    /**
     * bytes from which a file is sent in parts; default 32 MiB
     */
    partsFrom?: number;
    /**
     * what `onForm` got for the same file: of an upload in parts, only
     * those that have not arrived are sent; a form is not used again
     */
    resume?: PartsUpload | UploadForm | null;
    signal?: AbortSignal;
};
export type WaitOptions = {
    /**
     * default: two minutes
     */
    timeoutMs?: number;
    /**
     * the image as it was before: then only a later result counts
     */
    after?: Pick<Image, "processed_at">;
    signal?: AbortSignal;
};
export type ApiRequest = {
    method?: string;
    json?: object;
    signal?: AbortSignal | undefined;
};
/**
 * @typedef {object} ClientOptions
 * @property {string} api URL of the API, or of a server of yours that passes requests on and adds the key
 * @property {string} [apiKey] key of the API; never send one to a browser that may do more than its user
 * @property {string | (() => string | Promise<string>)} [token] of a user, or a function that returns the present one
 * @property {typeof globalThis.fetch} [fetch]
 * @property {number} [timeoutMs] longest time for an answer of the API; default 30 s
 * @property {number} [retries] attempts after the first one that failed with a temporary error; default 3
 */
/**
 * @typedef {object} UploadOptions
 * @property {string} [filename] default: the name of the file
 * @property {string} [contentType] default: the type of the file
 * @property {string} [recipe] name of a rule of the recipe
 * @property {FocalPoint} [focus]
 * @property {(sent: number, total: number) => void} [onProgress] called with bytes, in browsers; elsewhere after
 *   each part
 * @property {(form: UploadForm | PartsUpload) => void} [onForm] called with the id and the key before the bytes are
 *   sent
 * @property {number} [partsFrom] bytes from which a file is sent in parts; default 32 MiB
 * @property {PartsUpload | UploadForm | null} [resume] what `onForm` got for the same file: of an upload in parts, only
 *   those that have not arrived are sent; a form is not used again
 * @property {AbortSignal} [signal]
 */
/**
 * @typedef {object} WaitOptions
 * @property {number} [timeoutMs] default: two minutes
 * @property {Pick<Image, "processed_at">} [after] the image as it was before: then only a later result counts
 * @property {AbortSignal} [signal]
 */
/** @typedef {{method?: string, json?: object, signal?: AbortSignal | undefined}} ApiRequest */
export declare class Imagemill {
    #private;
    /** @param {ClientOptions} options */
    constructor(options: ClientOptions);
    /**
     * Upload a file directly to the bucket, a large one in parts. The answer has the id and the key of the image, which
     * is then processed.
     * @param {Blob | BufferSource} file a File has a name; others need `filename`
     * @param {UploadOptions} options
     * @returns {Promise<UploadForm | PartsUpload>} rejects with an ImagemillError, or with the reason of the signal
     */
    upload(file: Blob | BufferSource, options?: UploadOptions): Promise<UploadForm | PartsUpload>;
    /**
     * Return a form that uploads one file; `postForm`, Uppy or an HTML form sends it.
     * @param {UploadRequest} request
     * @param {AbortSignal} [signal]
     * @returns {Promise<UploadForm>}
     */
    uploadForm(request: UploadRequest, signal?: AbortSignal): Promise<UploadForm>;
    /**
     * Return the record of an image.
     * @param {string} id
     * @param {AbortSignal} [signal]
     * @returns {Promise<Image>}
     */
    get(id: string, signal?: AbortSignal): Promise<Image>;
    /**
     * Read an image until it is `ready`, `rejected` or `failed`.
     * @param {string} id
     * @param {WaitOptions} options
     * @returns {Promise<Image>} rejects with the code `wait_timeout` if it is still pending
     */
    wait(id: string, { timeoutMs, after, signal }?: WaitOptions): Promise<Image>;
    /**
     * Return one page of images, newest first. A page can be short and not be the last: that has no cursor.
     * @param {ListOptions} options
     * @returns {Promise<Listing>}
     */
    list({ signal, ...options }?: ListOptions): Promise<Listing>;
    /**
     * Yield all images, newest first.
     * @param {Omit<ListOptions, "cursor">} options
     * @returns {AsyncGenerator<ListedImage, void>}
     */
    images(options?: Omit<ListOptions, "cursor">): AsyncGenerator<ListedImage, void>;
    /**
     * Return one page of the images that pass all filters. A page can be empty and not be the last: that has no cursor.
     * @param {SearchOptions} options
     * @returns {Promise<Listing>}
     */
    search({ signal, ...options }?: SearchOptions): Promise<Listing>;
    /**
     * Yield all images that pass all filters.
     * @param {Omit<SearchOptions, "cursor">} options
     * @returns {AsyncGenerator<ListedImage, void>}
     */
    searchImages(options?: Omit<SearchOptions, "cursor">): AsyncGenerator<ListedImage, void>;
    /**
     * Return one page of the folders and images below a prefix, in the order of their keys.
     * @param {FolderOptions} options
     * @returns {Promise<FolderListing>}
     */
    folders({ signal, ...options }?: FolderOptions): Promise<FolderListing>;
    /**
     * Set the focal point of an image, or remove it.
     * @param {string} id
     * @param {FocalPoint | null} focus
     * @param {AbortSignal} [signal]
     * @returns {Promise<Image>}
     */
    setFocus(id: string, focus: FocalPoint | null, signal?: AbortSignal): Promise<Image>;
    /**
     * Have the renditions made again, also of an image that was rejected or has failed.
     * @param {string} id
     * @param {AbortSignal} [signal]
     * @returns {Promise<ListedImage>} the image as it is until then: `wait(id, { after: image })` resolves with the next one
     */
    reprocess(id: string, signal?: AbortSignal): Promise<ListedImage>;
    /**
     * Move an image to a folder; it gets a new id and a new key, and the file name stays.
     * @param {string} id
     * @param {string} folder such as `holiday/2026/`
     * @param {AbortSignal} [signal]
     * @returns {Promise<Accepted>}
     */
    move(id: string, folder: string, signal?: AbortSignal): Promise<Accepted>;
    /**
     * Delete an image. An image that is already deleted is no error.
     * @param {string} id
     * @param {AbortSignal} [signal]
     * @returns {Promise<void>}
     */
    delete(id: string, signal?: AbortSignal): Promise<void>;
    /**
     * Return a URL that sets cookies for private images.
     * @param {AbortSignal} [signal]
     * @returns {Promise<CookieLink>}
     */
    openImages(signal?: AbortSignal): Promise<CookieLink>;
}
