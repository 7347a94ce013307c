/** @file The user of the page: one that signs in, or the holder of an API key. */

/** @import {Access, Config} from "./types.js" */

import { styled } from "./lazy.js";
import { keyed } from "./session.js";

/**
 * @param {Config} config
 * @returns {Promise<Access>} the access of a user that has signed in, or of one that signs in now
 */
export async function admitted(config) {
  return (await signedIn(config)) ?? askedFor(config, "");
}

/**
 * @param {Config} config
 * @returns {Promise<Access | null>} the access of a user who has signed in; null if there is none
 */
async function signedIn(config) {
  const { signin } = config;
  if (!signin) return null;
  const { arriving, offerSignOut } = await import("./oidc.js");
  try {
    const session = await arriving(signin);
    if (session) offerSignOut(signin);
    return session?.access ?? null;
  } catch (fault) {
    return askedFor(config, `The sign-in failed: ${fault instanceof Error ? fault.message : fault}.`);
  }
}

/**
 * Ask for an API key, or let the visitor sign in.
 * @param {Config} config
 * @param {string} why
 * @param {boolean} isOpen whether the page shows images already, so that it must not be left
 * @returns {Promise<Access>}
 */
export async function askedFor(config, why, isOpen = false) {
  const [{ ask }] = await Promise.all([import("./signin.js"), styled("signin.css")]);
  const given = await ask(why, config.signin, isOpen);
  return typeof given === "string" ? keyed(config.api, given) : given.access;
}
