/** @file Verify the webhooks of a stack (docs/webhooks.md), in Node, Deno, Bun and workers. */
/** The request header with the time and the signatures. */
export declare const SIGNATURE_HEADER = "Imagemill-Signature";
export type WebhookCode = "signature_malformed" | "signature_mismatch" | "signature_expired" | "body_malformed";
/** @typedef {"signature_malformed" | "signature_mismatch" | "signature_expired" | "body_malformed"} WebhookCode */
/** A request that is no webhook of your stack: answer it with 400, and do nothing else. */
export declare class WebhookInvalid extends Error {
    code: WebhookCode;
    /**
     * @param {WebhookCode} code
     * @param {string} message
     */
    constructor(code: WebhookCode, message: string);
}
export type WebhookEvent = {
    /**
     * the same in every delivery of the event
     */
    id: string;
    /**
     * such as `Image ready`
     */
    detailType: string;
    /**
     * ISO 8601 in UTC
     */
    time: string;
    detail: Record<string, unknown>;
};
/**
 * A completion event; docs/image-event.schema.json describes `detail`.
 * @typedef {object} WebhookEvent
 * @property {string} id the same in every delivery of the event
 * @property {string} detailType such as `Image ready`
 * @property {string} time ISO 8601 in UTC
 * @property {Record<string, unknown>} detail
 */
/**
 * Return the event of a request.
 * @param {Uint8Array | ArrayBuffer | string} body the bytes as they were received, or their text if it is unchanged
 * @param {string | null | undefined} header the value of `Imagemill-Signature`
 * @param {string | readonly string[]} secrets the secret of the stack, or several that are valid
 * @param {{now?: number, toleranceS?: number}} options `now` is in epoch seconds, by default the present time
 * @returns {Promise<WebhookEvent>} rejects with WebhookInvalid, or with a TypeError for an empty secret
 */
export declare function verifyWebhook(body: Uint8Array | ArrayBuffer | string, header: string | null | undefined, secrets: string | readonly string[], options?: {
    now?: number;
    toleranceS?: number;
}): Promise<WebhookEvent>;
