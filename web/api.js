/** @file The client of the REST API; every error is a Problem. */

/** @import {Access, FocalPoint, Found, Listing, ImageRecord, Ticket} from "./types.js" */

const UNREACHABLE = "unreachable";
const TIMEOUT_MS = 30_000;
const UNAUTHORIZED = 401;
const NOT_MODIFIED = 304;

/** An error of the API, or `unreachable`; `code` is stable, see words.js. */
export class Problem extends Error {
  /**
   * @param {string} code
   * @param {string} detail
   * @param {number} waitMs delay before a retry; 0 if the API did not give one
   */
  constructor(code, detail, waitMs = 0) {
    super(detail);
    this.code = code;
    this.waitMs = waitMs;
  }

  /** Whether a retry may succeed. */
  get passing() {
    return [UNREACHABLE, "too_many_requests", "throttled", "store_unavailable", "issuer_unavailable", "timed_out", "internal"].includes(
      this.code,
    );
  }
}

export class Api {
  /** @type {(() => void)[]} */
  #waiting = [];
  #access;

  /** @param {Access} access */
  constructor(access) {
    this.#access = access;
  }

  get access() {
    return this.#access;
  }

  /** Use other credentials, and continue everything that waits for them. */
  set access(access) {
    this.#access = access;
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<void>} resolves when there are other credentials, or when the signal aborts
   */
  admission(signal) {
    return new Promise((done) => {
      this.#waiting.push(done);
      signal.addEventListener("abort", () => done(), { once: true });
    });
  }

  /**
   * @param {number} limit
   * @param {string | null} cursor
   * @returns {Promise<Listing>}
   */
  async list(limit, cursor = null) {
    return /** @type {Listing} */ (await this.listed(limit, cursor, ""));
  }

  /**
   * List a page that may be known.
   * @param {number} limit
   * @param {string | null} cursor
   * @param {string} version of the answer that the page has; empty if it has none
   * @returns {Promise<Listing | null>} null if nothing has changed since that version
   */
  async listed(limit, cursor, version) {
    const query = new URLSearchParams({ limit: String(limit), ...(cursor ? { cursor } : {}) });
    const answer = await this.#answer(`/images?${query}`, version ? { headers: { "if-none-match": version } } : {});
    if (answer.status === NOT_MODIFIED) return null;
    return { ...(await bodyOf(answer)), version: answer.headers.get("etag") ?? "" };
  }

  /**
   * @param {"search" | "folders"} route
   * @param {URLSearchParams} query
   * @returns {Promise<Found>}
   */
  find(route, query) {
    return this.ask(`/${route}?${query}`);
  }

  /**
   * @param {string} id
   * @returns {Promise<ImageRecord>}
   */
  read(id) {
    return this.ask(`/images/${encodeURIComponent(id)}`);
  }

  /**
   * Request a form that uploads one file to the bucket.
   * @param {string} filename
   * @param {string} type
   * @param {number} bytes
   * @returns {Promise<Ticket>}
   */
  announce(filename, type, bytes) {
    const body = JSON.stringify({ filename, content_type: type, bytes });
    return this.ask("/uploads", { method: "POST", body });
  }

  /**
   * Request a URL that sets cookies for private images.
   * @returns {Promise<{url: string, expires_at: string}>}
   */
  open() {
    return this.ask("/cookies", { method: "POST" });
  }

  /**
   * Set the focal point of an image, or remove it.
   * @param {string} id
   * @param {FocalPoint | null} focus
   * @returns {Promise<ImageRecord>}
   */
  focus(id, focus) {
    return this.ask(`/images/${encodeURIComponent(id)}`, { method: "PATCH", body: JSON.stringify({ focus }) });
  }

  /**
   * @param {string} id
   * @param {boolean} leaving whether the page is closing, so that the request must outlive it
   * @returns {Promise<unknown>}
   */
  remove(id, leaving = false) {
    return this.ask(`/images/${encodeURIComponent(id)}`, { method: "DELETE", keepalive: leaving });
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @returns {Promise<any>} the JSON of the answer
   */
  async ask(path, options = {}) {
    return bodyOf(await this.#answer(path, options));
  }

  /**
   * Send a request, and again with newer credentials if the API refuses those.
   * @param {string} path
   * @param {RequestInit} options
   */
  async #answer(path, options) {
    const credentials = await this.access.headers();
    const answer = await this.#sent(path, options, credentials);
    if (answer.status !== UNAUTHORIZED) return answer;
    const newer = await this.access.renewed(credentials);
    return newer ? this.#sent(path, options, newer) : answer;
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   * @param {Record<string, string>} credentials
   */
  async #sent(path, options, credentials) {
    const { address, adapted } = this.access;
    const typed = options.body ? { "content-type": "application/json" } : {};
    const headers = { ...options.headers, ...credentials, ...typed };
    const signal = options.keepalive ? null : AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await fetch(address + (adapted?.(path) ?? path), { ...options, headers, signal, cache: "no-store" });
    } catch {
      throw new Problem(UNREACHABLE, `${address} did not answer`);
    }
  }
}

/**
 * @param {Response} answer
 * @returns {Promise<any>} the JSON of a successful answer; rejects with the Problem of any other
 */
async function bodyOf(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const wait = Number(answer.headers.get("retry-after")) * 1000 || 0;
  throw new Problem(body.code ?? "internal", body.detail ?? `status ${answer.status}`, wait);
}
