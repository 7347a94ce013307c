/** @file Upload a large file in parts. After an interruption, only the parts that have not arrived are sent. */
import type { PartsUpload, UploadRequest } from "./api.js";
import type { ApiRequest, UploadOptions } from "./client.js";
/** Bytes from which a file is sent in parts: with fewer, a new attempt costs little. */
export declare const PARTS_FROM: number;
export type PartsApi = {
    ask: (place: string, request: ApiRequest) => Promise<any>;
    retries: number;
};
/**
 * The requests to the API, and the attempts after the first one for each part.
 * @typedef {{ask: (place: string, request: ApiRequest) => Promise<any>, retries: number}} PartsApi
 */
/**
 * Upload a file in parts, or continue the upload `options.resume`.
 * @param {PartsApi} api
 * @param {UploadRequest} request
 * @param {Blob} file
 * @param {UploadOptions} options
 * @returns {Promise<PartsUpload | null>} null if the API takes no parts
 */
export declare function uploadInParts(api: PartsApi, request: UploadRequest, file: Blob, options: UploadOptions): Promise<PartsUpload | null>;
/**
 * @param {UploadOptions["resume"]} upload
 * @returns {upload is PartsUpload}
 */
export declare function isInParts(upload: UploadOptions["resume"]): upload is PartsUpload;
