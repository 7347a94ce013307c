/** @file The endpoints of an issuer of OpenID Connect, and the values of an attempt to sign in. */

/** @import {SignIn} from "./types.js" */
/** @typedef {{state: string, nonce: string, verifier: string}} Attempt */

/** The issuer refused something. */
export class Refusal extends Error {}

/**
 * @param {string} beginning of the state
 * @returns {Attempt}
 */
export function attempt(beginning) {
  return { state: beginning + random(), nonce: random(), verifier: random() };
}

/**
 * @param {SignIn} signin
 * @param {Attempt} pending
 * @returns {Promise<string>} the address at which the user signs in
 */
export async function entry(signin, pending) {
  const address = endpoint(await described(signin), "authorization_endpoint");
  return withQuery(address, {
    response_type: "code",
    client_id: signin.client,
    redirect_uri: home(),
    scope: signin.scope,
    state: pending.state,
    nonce: pending.nonce,
    code_challenge: await challenge(pending.verifier),
    code_challenge_method: "S256",
    // RFC 8707, and the name that Auth0 uses.
    ...(ofApi(signin) ? { resource: signin.audience, audience: signin.audience } : {}),
  });
}

/**
 * End a refresh token (RFC 7009): with some issuers it would outlive the session.
 * @param {string} address
 * @param {SignIn} signin
 * @param {string} token
 */
export async function revoke(address, signin, token) {
  const body = new URLSearchParams({ client_id: signin.client, token });
  await fetch(address, { method: "POST", body }).catch(() => null);
}

/**
 * @param {SignIn} signin
 * @param {Record<string, string>} query
 * @returns {Promise<Record<string, any>>} the tokens for a code or for a refresh token
 */
export async function tokens(signin, query) {
  const address = endpoint(await described(signin), "token_endpoint");
  const target = ofApi(signin) ? { resource: signin.audience } : {};
  const body = new URLSearchParams({ client_id: signin.client, ...query, ...target });
  const answer = await fetch(address, { method: "POST", body });
  if (answer.status >= 500) throw new Error(`the issuer answered with status ${answer.status}`);
  const given = await answer.json();
  if (!answer.ok) throw new Refusal(given.error_description ?? given.error ?? `status ${answer.status}`);
  return given;
}

/**
 * Whether the API takes access tokens; if its audience is the page itself, it takes ID tokens.
 * @param {SignIn} signin
 */
export function ofApi(signin) {
  return signin.audience !== signin.client;
}

/**
 * @param {SignIn} signin
 * @returns {Promise<Record<string, string>>} the endpoints of the issuer
 */
export async function described(signin) {
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
export function withQuery(address, query) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

/** The address of the page, which the issuer must know as a redirect URI. */
export function home() {
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
export function payload(token) {
  const text = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (one) => one.charCodeAt(0))));
}
