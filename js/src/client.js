/** @file The client of the REST API. */

/** @import {CookieLink, FocalPoint, Image, ListedImage} from "./api.js" */
/** @import {Accepted, FolderListing, Listing, PartsUpload, UploadForm, UploadRequest} from "./api.js" */
/** @import {FolderOptions, ListOptions, SearchOptions} from "./pages.js" */

import { ImagemillError, errorOf } from "./error.js";
import { allImages, query } from "./pages.js";
import { PARTS_FROM, isInParts, uploadInParts } from "./parts.js";
import { postForm } from "./post_form.js";
import { sleep, withRetries } from "./retry.js";

// Waits between two reads of an image that is processed, in milliseconds: an image usually takes less than a second.
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

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

export class Imagemill {
  #options;

  /** @param {ClientOptions} options */
  constructor(options) {
    this.#options = { timeoutMs: 30_000, retries: 3, ...options, api: options.api.replace(/\/+$/, "") };
  }

  /**
   * Upload a file directly to the bucket, a large one in parts. The answer has the id and the key of the image, which
   * is then processed.
   * @param {Blob | BufferSource} file a File has a name; others need `filename`
   * @param {UploadOptions} options
   * @returns {Promise<UploadForm | PartsUpload>} rejects with an ImagemillError, or with the reason of the signal
   */
  async upload(file, options = {}) {
    const blob = file instanceof Blob ? file : new Blob([file]);
    const filename = options.filename ?? ("name" in blob ? String(blob.name) : "");
    if (!filename) throw new TypeError("expected a File, or the option filename");
    const { recipe, focus } = options;
    /** @type {UploadRequest} */
    const request = {
      filename,
      content_type: imageType(options.contentType ?? blob.type),
      bytes: blob.size,
      ...(recipe ? { recipe } : {}),
      ...(focus ? { focus } : {}),
    };
    return (await this.#inParts(request, blob, options)) ?? this.#byForm(request, blob, options);
  }

  /**
   * @param {UploadRequest} request
   * @param {Blob} blob
   * @param {UploadOptions} options
   * @returns {Promise<PartsUpload | null>} null if the file is sent whole
   */
  async #inParts(request, blob, options) {
    const { partsFrom = PARTS_FROM, resume } = options;
    // Browsers compute checksums only in pages with HTTPS.
    if (!globalThis.crypto?.subtle || !(blob.size >= partsFrom || isInParts(resume))) return null;
    const ask = (/** @type {string} */ place, /** @type {ApiRequest} */ asked) => this.#ask(place, asked);
    return uploadInParts({ ask, retries: this.#options.retries }, request, blob, options);
  }

  /**
   * @param {UploadRequest} request
   * @param {Blob} blob
   * @param {UploadOptions} options
   * @returns {Promise<UploadForm>}
   */
  async #byForm(request, blob, options) {
    const form = await this.uploadForm(request, options.signal);
    options.onForm?.(form);
    await withRetries(() => postForm(form, blob, options), this.#options.retries, options.signal);
    return form;
  }

  /**
   * Return a form that uploads one file; `postForm`, Uppy or an HTML form sends it.
   * @param {UploadRequest} request
   * @param {AbortSignal} [signal]
   * @returns {Promise<UploadForm>}
   */
  uploadForm(request, signal) {
    return this.#ask("/uploads", { method: "POST", json: request, signal });
  }

  /**
   * Return the record of an image.
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<Image>}
   */
  get(id, signal) {
    return this.#ask(path(id), { signal });
  }

  /**
   * Read an image until it is `ready`, `rejected` or `failed`.
   * @param {string} id
   * @param {WaitOptions} options
   * @returns {Promise<Image>} rejects with the code `wait_timeout` if it is still pending
   */
  async wait(id, { timeoutMs = 120_000, after, signal } = {}) {
    const end = Date.now() + timeoutMs;
    for (let pause = FIRST_POLL_MS; ; pause = Math.min(LONGEST_POLL_MS, pause * 1.5)) {
      const image = await this.get(id, signal);
      const isLater = !after || image.processed_at !== after.processed_at;
      if (image.status !== "pending" && isLater) return image;
      if (Date.now() + pause > end) throw new ImagemillError("wait_timeout", `image ${id} is still pending`);
      await sleep(pause, signal);
    }
  }

  /**
   * Return one page of images, newest first. A page can be short and not be the last: that has no cursor.
   * @param {ListOptions} options
   * @returns {Promise<Listing>}
   */
  list({ signal, ...options } = {}) {
    return this.#ask(`/images?${query(options)}`, { signal });
  }

  /**
   * Yield all images, newest first.
   * @param {Omit<ListOptions, "cursor">} options
   * @returns {AsyncGenerator<ListedImage, void>}
   */
  images(options = {}) {
    return allImages((page) => this.list(page), options);
  }

  /**
   * Return one page of the images that pass all filters. A page can be empty and not be the last: that has no cursor.
   * @param {SearchOptions} options
   * @returns {Promise<Listing>}
   */
  search({ signal, ...options } = {}) {
    return this.#ask(`/search?${query(options)}`, { signal });
  }

  /**
   * Yield all images that pass all filters.
   * @param {Omit<SearchOptions, "cursor">} options
   * @returns {AsyncGenerator<ListedImage, void>}
   */
  searchImages(options = {}) {
    return allImages((page) => this.search(page), options);
  }

  /**
   * Return one page of the folders and images below a prefix, in the order of their keys.
   * @param {FolderOptions} options
   * @returns {Promise<FolderListing>}
   */
  folders({ signal, ...options } = {}) {
    return this.#ask(`/folders?${query(options)}`, { signal });
  }

  /**
   * Set the focal point of an image, or remove it.
   * @param {string} id
   * @param {FocalPoint | null} focus
   * @param {AbortSignal} [signal]
   * @returns {Promise<Image>}
   */
  setFocus(id, focus, signal) {
    return this.#ask(path(id), { method: "PATCH", json: { focus }, signal });
  }

  /**
   * Have the renditions made again, also of an image that was rejected or has failed.
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<ListedImage>} the image as it is until then: `wait(id, { after: image })` resolves with the next one
   */
  reprocess(id, signal) {
    return this.#ask(`${path(id)}/reprocess`, { method: "POST", signal });
  }

  /**
   * Move an image to a folder; it gets a new id and a new key, and the file name stays.
   * @param {string} id
   * @param {string} folder such as `holiday/2026/`
   * @param {AbortSignal} [signal]
   * @returns {Promise<Accepted>}
   */
  move(id, folder, signal) {
    return this.#ask(`${path(id)}/move`, { method: "POST", json: { prefix: folder }, signal });
  }

  /**
   * Delete an image. An image that is already deleted is no error.
   * @param {string} id
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  async delete(id, signal) {
    try {
      await this.#ask(path(id), { method: "DELETE", signal });
    } catch (error) {
      if (!(error instanceof ImagemillError && error.code === "gone")) throw error;
    }
  }

  /**
   * Return a URL that sets cookies for private images.
   * @param {AbortSignal} [signal]
   * @returns {Promise<CookieLink>}
   */
  openImages(signal) {
    return this.#ask("/cookies", { method: "POST", signal });
  }

  /**
   * @param {string} place
   * @param {ApiRequest} request
   */
  #ask(place, request) {
    return withRetries(() => this.#askOnce(place, request), this.#options.retries, request.signal);
  }

  /**
   * @param {string} place
   * @param {ApiRequest} request
   */
  async #askOnce(place, { method = "GET", json, signal }) {
    const { api, timeoutMs } = this.#options;
    const headers = { ...(await this.#credentials()), ...(json ? { "content-type": "application/json" } : {}) };
    const timeout = AbortSignal.timeout(timeoutMs);
    const ask = this.#options.fetch ?? fetch;
    try {
      const answer = await ask(api + place, {
        method,
        headers,
        body: json ? JSON.stringify(json) : null,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        cache: "no-store",
      });
      if (!answer.ok) throw await errorOf(answer);
      return await answer.json();
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof ImagemillError) throw cause;
      throw new ImagemillError("unreachable", `${api} did not answer`, { cause });
    }
  }

  /** @returns {Promise<Record<string, string>>} */
  async #credentials() {
    const { apiKey, token } = this.#options;
    if (token) return { authorization: `Bearer ${typeof token === "function" ? await token() : token}` };
    return apiKey ? { "x-api-key": apiKey } : {};
  }
}

/** @param {string} id */
function path(id) {
  return `/images/${encodeURIComponent(id)}`;
}

/**
 * @param {string} type the type of a file, without parameters
 * @returns {string} the type if the API accepts it, else an empty text: the bytes tell the format
 */
function imageType(type) {
  return /^image\/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/.test(type) ? type : "";
}
