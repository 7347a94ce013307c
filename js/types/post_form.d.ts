/** @file Upload one file to the bucket, with a form that the API has signed. */
import type { UploadForm } from "./api.js";
export type PostOptions = {
    /**
     * called with bytes, in browsers
     */
    onProgress?: (sent: number, total: number) => void;
    signal?: AbortSignal | undefined;
};
/**
 * @typedef {object} PostOptions
 * @property {(sent: number, total: number) => void} [onProgress] called with bytes, in browsers
 * @property {AbortSignal | undefined} [signal]
 */
/**
 * Post a file with a form, once. The form is valid for 15 minutes and may be used again.
 * @param {Pick<UploadForm, "url" | "fields">} form
 * @param {Blob} file
 * @param {PostOptions} options
 * @returns {Promise<void>} rejects with an ImagemillError, or with the reason of the signal
 */
export declare function postForm(form: Pick<UploadForm, "url" | "fields">, file: Blob, { onProgress, signal }?: PostOptions): Promise<void>;
