/** @file A visit with a share link: without sign-in, and without anything that changes images. */

/** @import {Access, Config, ImageRecord, Rendition, Share} from "./types.js" */

import { Api, Problem } from "./api.js";
import { made, the } from "./dom.js";
import { moment } from "./format.js";
import { styled } from "./lazy.js";
import { useAddresses } from "./record.js";
import { openId, viewOf } from "./route.js";
import { forget, SHARE } from "./session.js";
import { refusal } from "./words.js";

/** How often an open page asks whether its link is still valid. */
const CHECK_MS = 30_000;

/**
 * Show what a link shows, or why it shows nothing.
 * @param {Config} config
 * @param {(api: Api, config: Config) => unknown} open shows the images
 */
export async function visit(config, open) {
  document.body.classList.add("shared");
  await styled("shared.css");
  const api = new Api(accessOf(config, arrivingToken()));
  try {
    const share = await api.ask("/share");
    if (config.isPrivate) useAddresses(signedOf);
    begin(share);
    open(api, { ...config, shares: null, isPrivate: false });
    setInterval(() => void check(api), CHECK_MS);
    addEventListener("focus", () => void check(api));
  } catch (fault) {
    end(fault instanceof Problem ? fault : new Problem("internal", ""));
  }
}

/**
 * Remove the token from the URL, as a key, and return the one to use.
 * @returns {string}
 */
function arrivingToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("share");
  if (token) {
    sessionStorage.setItem(SHARE, token);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(SHARE) ?? "";
}

/**
 * Say until when the link is valid, and turn to its image or its folder.
 * @param {Share} share
 */
function begin({ image, prefix, expires_at: until }) {
  const words = made("p", `Shared with you. The link works until ${moment(until)}.`);
  words.id = "shared";
  the("main", HTMLElement).prepend(words);
  if (viewOf() || openId()) return;
  const place = image ? [["picture", image]] : [["folder", prefix ?? ""]];
  history.replaceState(null, "", `#${new URLSearchParams(place)}`);
}

/**
 * Say why the link shows nothing.
 * @param {Problem} fault
 */
function end({ code, passing }) {
  const place = made("section", "");
  place.id = "ended";
  const isUnknown = ["unauthorized", "forbidden"].includes(code);
  place.append(made("h2", isUnknown ? "This link is not valid" : refusal(code).replace(/\.$/, "")));
  place.append(made("p", passing ? "The link itself may be fine." : "Ask the person who sent it to you for another one."));
  const button = made("button", passing ? "Try again" : "Open the gallery with a key", "quiet");
  button.addEventListener("click", () => {
    if (!passing) forget();
    location.assign(location.pathname);
  });
  place.append(button);
  the("main", HTMLElement).replaceChildren(place);
}

/**
 * Load the page again when the link has ended: then it says so, and shows no image.
 * @param {Api} api
 */
async function check(api) {
  if (document.hidden) return;
  try {
    await api.ask("/share");
  } catch (fault) {
    if (fault instanceof Problem && !fault.passing) location.reload();
  }
}

/**
 * @param {Config} config
 * @param {string} token
 * @returns {Access}
 */
function accessOf({ shares, api, isPrivate }, token) {
  const headers = async () => ({ authorization: `Bearer ${token}` });
  const access = { address: shares ?? api, isUser: true, isShared: true, headers, renewed: async () => null };
  return isPrivate ? { ...access, adapted: withPublic } : access;
}

/**
 * Ask lists for the signed addresses of private images, because a link has no cookies.
 * @param {string} path
 */
function withPublic(path) {
  return /^\/(images|search|folders)\?/.test(path) ? `${path}&public=true` : path;
}

/**
 * @param {ImageRecord} record
 * @param {Rendition} rendition
 * @returns {string | undefined} its signed address
 */
function signedOf({ renditions, public: known, links }, { key }) {
  const name = Object.keys(renditions).find((one) => renditions[one]?.key === key) ?? "";
  return known?.renditions[name] ?? links.renditions[name];
}
