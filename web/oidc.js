/** @file Sign in at the issuer: the authorization code flow with PKCE (RFC 6749, RFC 7636, OpenID Connect Core). */

/** @import {Access, Held, SignIn} from "./types.js" */
/** @import {Attempt} from "./issuer.js" */

import { made, the } from "./dom.js";
import { attempt, described, entry, home, ofApi, payload, Refusal, revoke, tokens, withQuery } from "./issuer.js";

const TOKEN = "imagemill-token";
const PENDING = "imagemill-signin";
const CHANNEL = "imagemill-signin";
// The state of a sign-in in a window of its own begins with it.
const BESIDE = "beside-";
// Seconds before its end in which a token is no longer used.
const MARGIN_S = 30;

/** A user who has signed in. */
export class Session {
  /** @type {Promise<boolean> | null} */
  #renewal = null;

  /**
   * @param {SignIn} signin
   * @param {Held} held
   */
  constructor(signin, held) {
    this.signin = signin;
    this.held = held;
    sessionStorage.setItem(TOKEN, JSON.stringify(held));
  }

  /** @returns {Access} */
  get access() {
    return {
      address: this.signin.api,
      isUser: true,
      headers: async () => {
        if (!lasts(this.held)) await this.#renewOnce();
        return this.#headers();
      },
      // A token may equal the one before it: the times in both have whole seconds.
      renewed: async (refused) => {
        const isHeld = refused["authorization"] === this.#headers().authorization;
        return !isHeld || (await this.#renewOnce()) ? this.#headers() : null;
      },
    };
  }

  #headers() {
    return { authorization: `Bearer ${this.held.token}` };
  }

  /** @returns {Promise<boolean>} whether the issuer gave new tokens, for all that ask at the same time */
  #renewOnce() {
    this.#renewal ??= this.#renew().finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  /** @returns {Promise<boolean>} whether the issuer gave new tokens; without them, the present ones stay */
  async #renew() {
    if (!this.held.refresh) return false;
    let given = true;
    try {
      const query = { grant_type: "refresh_token", refresh_token: this.held.refresh };
      this.held = heldOf(this.signin, await tokens(this.signin, query), this.held);
    } catch (fault) {
      if (fault instanceof Refusal) this.held.refresh = "";
      given = false;
    }
    sessionStorage.setItem(TOKEN, JSON.stringify(this.held));
    return given;
  }
}

/**
 * Send the visitor to the issuer; the page is opened again with a code.
 * @param {SignIn} signin
 */
export async function leave(signin) {
  const pending = { ...attempt(""), hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  location.assign(await entry(signin, pending));
}

/**
 * Let the visitor sign in beside the page, which stays as it is.
 * @param {SignIn} signin
 * @param {Window} beside a window without a page
 * @returns {Promise<Session>}
 */
export async function again(signin, beside) {
  const pending = attempt(BESIDE);
  beside.location.href = await entry(signin, pending);
  const channel = new BroadcastChannel(CHANNEL);
  try {
    /** @type {string} */
    const answer = await new Promise((done) => {
      channel.onmessage = ({ data }) => new URLSearchParams(data).get("state") === pending.state && done(data);
    });
    return await answered(signin, new URLSearchParams(answer), pending);
  } finally {
    channel.close();
  }
}

/**
 * @param {SignIn} signin
 * @returns {Promise<Session | null>} the user of this tab, or of the code in the URL; null if there is none
 */
export async function arriving(signin) {
  const given = new URLSearchParams(location.search);
  const state = given.get("state");
  if (!state || !(given.has("code") || given.has("error"))) return stored(signin);
  if (state.startsWith(BESIDE)) return answerBeside();
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "{}");
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", location.pathname + (pending.hash ?? ""));
  return answered(signin, given, pending);
}

/**
 * Give the answer of the issuer to the page that waits for it in another window, and close this one.
 * @returns {never}
 */
function answerBeside() {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(location.search);
  channel.close();
  history.replaceState(null, "", location.pathname);
  close();
  throw new Error("close this window, and go on in the other one");
}

/**
 * @param {SignIn} signin
 * @param {URLSearchParams} given the answer of the issuer
 * @param {Attempt} pending
 * @returns {Promise<Session>}
 */
async function answered(signin, given, pending) {
  if (!pending.state || given.get("state") !== pending.state) throw new Error("it was not begun in this tab");
  // RFC 9207: the answer of another issuer.
  if ((given.get("iss") ?? signin.issuer) !== signin.issuer) throw new Error("another issuer answered");
  const code = given.get("code");
  if (!code) throw new Error(given.get("error_description") ?? given.get("error") ?? "the issuer gave no reason");
  const query = { grant_type: "authorization_code", redirect_uri: home(), code, code_verifier: pending.verifier };
  const found = await tokens(signin, query);
  if (payload(found["id_token"]).nonce !== pending.nonce) throw new Error("the token is of another sign-in");
  return new Session(signin, heldOf(signin, found, { token: "", until: 0, id: "", refresh: "" }));
}

/**
 * Offer to sign out.
 * @param {SignIn} signin
 */
export function offerSignOut(signin) {
  const button = made("button", "Sign out", "quiet");
  button.setAttribute("type", "button");
  button.onclick = () => void signOut(signin);
  the(".acts", HTMLElement).prepend(button);
}

/** @param {SignIn} signin */
async function signOut(signin) {
  const held = JSON.parse(sessionStorage.getItem(TOKEN) ?? "{}");
  sessionStorage.removeItem(TOKEN);
  const { closeImages } = await import("./cookies.js");
  closeImages();
  /** @type {Record<string, string>} */
  const known = await described(signin).catch(() => ({}));
  if (held.refresh && known["revocation_endpoint"]) await revoke(known["revocation_endpoint"], signin, held.refresh);
  const address = known["end_session_endpoint"];
  const query = { client_id: signin.client, id_token_hint: held.id ?? "", post_logout_redirect_uri: home() };
  location.assign(address ? withQuery(address, query) : home());
}

/**
 * @param {SignIn} signin
 * @param {Record<string, any>} given
 * @param {Held} former from which tokens stay that the issuer did not give again
 * @returns {Held}
 */
function heldOf(signin, given, former) {
  const token = ofApi(signin) ? given["access_token"] : given["id_token"];
  if (!token) throw new Refusal("the issuer gave no token for the API");
  const until = ofApi(signin) ? Date.now() / 1000 + (given["expires_in"] ?? 300) : payload(token).exp;
  return { token, until, id: given["id_token"] ?? former.id, refresh: given["refresh_token"] ?? former.refresh };
}

/**
 * @param {SignIn} signin
 * @returns {Session | null} the user of this tab; null if the token has ended and cannot be renewed
 */
function stored(signin) {
  const held = JSON.parse(sessionStorage.getItem(TOKEN) ?? "null");
  return held && (lasts(held) || held.refresh) ? new Session(signin, held) : null;
}

/** @param {Held} held */
function lasts(held) {
  return held.until > Date.now() / 1000 + MARGIN_S;
}
