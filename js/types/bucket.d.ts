/** @file Send a request to the bucket. */
export type Answer = {
    status: number;
    text: string;
};
export type BucketRequest = {
    method: string;
    url: string;
    headers?: Record<string, string>;
    body: FormData | ArrayBuffer;
};
export type SendOptions = {
    /**
     * called with bytes of the body, in browsers
     */
    onProgress?: ((sent: number) => void) | undefined;
    signal?: AbortSignal | undefined;
};
/** @typedef {{status: number, text: string}} Answer */
/**
 * @typedef {object} BucketRequest
 * @property {string} method
 * @property {string} url
 * @property {Record<string, string>} [headers]
 * @property {FormData | ArrayBuffer} body
 */
/**
 * @typedef {object} SendOptions
 * @property {((sent: number) => void) | undefined} [onProgress] called with bytes of the body, in browsers
 * @property {AbortSignal | undefined} [signal]
 */
/**
 * Send a request to the bucket, once.
 * @param {BucketRequest} request
 * @param {SendOptions} options
 * @returns {Promise<void>} rejects with an ImagemillError, or with the reason of the signal
 */
export declare function sendToBucket(request: BucketRequest, { onProgress, signal }: SendOptions): Promise<void>;
