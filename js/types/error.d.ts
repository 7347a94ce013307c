/** @file The error of every function of this package. */
export type ErrorFields = {
    status?: number;
    requestId?: string | null;
    retryAfterMs?: number;
    cause?: unknown;
};
/**
 * @typedef {object} ErrorFields
 * @property {number} [status]
 * @property {string | null} [requestId]
 * @property {number} [retryAfterMs]
 * @property {unknown} [cause]
 */
/**
 * An error of the API with its stable `code`, or one of this package:
 *
 * - `unreachable`: no answer of the API or the bucket
 * - `upload_refused`: the bucket refused the file, and would refuse it again
 * - `upload_failed`: the bucket failed to store the file
 * - `wait_timeout`: the image was not processed within the time given to `wait`
 */
export declare class ImagemillError extends Error {
    code: string;
    /** The status of the answer; 0 without an answer. */
    status: number;
    /** The id by which the log of the API has the request. */
    requestId: string | null;
    /** The wait that the API asks for before another attempt, in milliseconds. */
    retryAfterMs: number;
    /**
     * @param {string} code
     * @param {string} message
     * @param {ErrorFields} fields
     */
    constructor(code: string, message: string, { status, requestId, retryAfterMs, cause }?: ErrorFields);
    /** Whether the same request may succeed later. */
    get isTransient(): boolean;
}
/**
 * Return the error of an answer of the API.
 * @param {Response} answer
 * @returns {Promise<ImagemillError>}
 */
export declare function errorOf(answer: Response): Promise<ImagemillError>;
