/** @file Sign in at the issuer: the authorization code flow with PKCE (RFC 6749, RFC 7636, OpenID Connect Core). */

/** @import {SignIn} from "./types.js" */

import { made, the } from "./dom.js";

const TOKEN = "imagemill-token";
const PENDING = "imagemill-signin";
// Seconds before its end in which a token is no longer used.
const MARGIN_S = 30;

/**
 * Send the visitor to the issuer; the page is opened again with a code.
 * @param {SignIn} signin
 */
export async function leave(signin) {
  const verifier = random();
  const pending = { state: random(), nonce: random(), verifier, hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const address = endpoint(await described(signin), "authorization_endpoint");
  const query = {
    response_type: "code",
    client_id: signin.client,
    redirect_uri: home(),
    scope: signin.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await challenge(verifier),
    code_challenge_method: "S256",
    // RFC 8707, and the name that Auth0 uses.
    ...(ofApi(signin) ? { resource: signin.audience, audience: signin.audience } : {}),
  };
  location.assign(withQuery(address, query));
}

/**
 * @param {SignIn} signin
 * @returns {Promise<string | null>} the token of this tab, or of the code in the URL; null if there is none
 */
export async function arriving(signin) {
  const given = new URLSearchParams(location.search);
  if (!given.has("state") || !(given.has("code") || given.has("error"))) return stored();
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "{}");
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", location.pathname + (pending.hash ?? ""));
  if (!pending.state || given.get("state") !== pending.state) throw new Error("it was not begun in this tab");
  // RFC 9207: the answer of another issuer.
  if ((given.get("iss") ?? signin.issuer) !== signin.issuer) throw new Error("another issuer answered");
  const code = given.get("code");
  if (!code) throw new Error(given.get("error_description") ?? given.get("error") ?? "the issuer gave no reason");
  return exchanged(signin, code, pending);
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
  const address = known["end_session_endpoint"];
  const query = { client_id: signin.client, id_token_hint: held.id ?? "", post_logout_redirect_uri: home() };
  location.assign(address ? withQuery(address, query) : home());
}

/**
 * @param {SignIn} signin
 * @param {string} code
 * @param {{nonce: string, verifier: string}} pending
 * @returns {Promise<string>}
 */
async function exchanged(signin, code, pending) {
  const address = endpoint(await described(signin), "token_endpoint");
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: signin.client,
    redirect_uri: home(),
    code,
    code_verifier: pending.verifier,
    ...(ofApi(signin) ? { resource: signin.audience } : {}),
  });
  const answer = await fetch(address, { method: "POST", body });
  const given = await answer.json();
  if (!answer.ok) throw new Error(given.error_description ?? given.error ?? `status ${answer.status}`);
  const claims = payload(given.id_token);
  if (claims.nonce !== pending.nonce) throw new Error("the token is of another sign-in");
  const token = ofApi(signin) ? given.access_token : given.id_token;
  const until = ofApi(signin) ? Date.now() / 1000 + (given.expires_in ?? 300) : claims.exp;
  sessionStorage.setItem(TOKEN, JSON.stringify({ token, until, id: given.id_token }));
  return token;
}

/** @returns {string | null} */
function stored() {
  const held = JSON.parse(sessionStorage.getItem(TOKEN) ?? "{}");
  return held.until > Date.now() / 1000 + MARGIN_S ? held.token : null;
}

/**
 * Whether the API takes access tokens; if its audience is the page itself, it takes ID tokens.
 * @param {SignIn} signin
 */
function ofApi(signin) {
  return signin.audience !== signin.client;
}

/**
 * @param {SignIn} signin
 * @returns {Promise<Record<string, string>>} the endpoints of the issuer
 */
async function described(signin) {
  const answer = await fetch(`${signin.issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`the issuer answered with status ${answer.status}`);
  return answer.json();
}

/**
 * @param {Record<string, string>} description
 * @param {string} name
 * @returns {string}
 */
function endpoint(description, name) {
  const found = description[name];
  if (!found) throw new Error(`the issuer has no ${name}`);
  return found;
}

/**
 * @param {string} address
 * @param {Record<string, string>} query
 */
function withQuery(address, query) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** The address of the page, which the issuer must know as a redirect URI. */
function home() {
  return `${location.origin}/`;
}

/** @returns {string} 256 random bits */
function random() {
  return encoded(crypto.getRandomValues(new Uint8Array(32)));
}

/** @param {string} verifier */
async function challenge(verifier) {
  return encoded(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier))));
}

/** @param {Uint8Array} bytes */
function encoded(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * The claims of an ID token, which came from the issuer itself; the API checks the signature.
 * @param {string} token
 * @returns {{nonce?: string, exp: number}}
 */
function payload(token) {
  const text = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (one) => one.charCodeAt(0))));
}
