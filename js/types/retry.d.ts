/** @file Attempts after temporary errors. */
/**
 * Call a function until it succeeds, at most `retries` times more than once.
 * @template T
 * @param {() => Promise<T>} attempt
 * @param {number} retries
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<T>} rejects with the last error, or with the reason of the signal
 */
export declare function withRetries<T>(attempt: () => Promise<T>, retries: number, signal: AbortSignal | undefined): Promise<T>;
/**
 * @param {number} ms
 * @param {AbortSignal | undefined} signal
 * @returns {Promise<void>} rejects with the reason of the signal as soon as it is aborted
 */
export declare function sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
