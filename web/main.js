/** @file The entry point of the page. */

import { Album } from "./album.js";
import { Api, Problem } from "./api.js";
import { the } from "./dom.js";
import { Feed } from "./feed.js";
import { keepFigures } from "./figures.js";
import { takeChoices, takeDrops, takePastes } from "./intake.js";
import { once, styled } from "./lazy.js";
import { calm, warn } from "./notice.js";
import { followRoute } from "./route.js";
import { arrivingKey, forget } from "./session.js";
import { Wall } from "./wall.js";
import { reason } from "./words.js";

const OFFLINE = "There is no network. The page continues when the network is back.";

void start();

async function start() {
  const key = arrivingKey();
  /** @type {(add: (files: File[]) => void) => void} */
  let begin = () => {};
  const begun = new Promise((done) => {
    begin = done;
  });
  takeFiles((files) => void begun.then((add) => add(files)));
  const address = await apiAddress();
  if (!address) return;
  const api = new Api(address, key ?? (await typedKey("")));
  begin(open(api));
}

/** @returns {Promise<string | null>} */
async function apiAddress() {
  try {
    const answer = await fetch("/config.json", { cache: "no-cache" });
    const { api } = await answer.json();
    return new URL(api).href.replace(/\/$/, "");
  } catch {
    warn("This page is not set up: its config.json is missing or malformed.", () => location.reload());
    return null;
  }
}

/**
 * @param {Api} api
 * @returns {(files: File[]) => void} a function that uploads files
 */
function open(api) {
  const album = new Album();
  const trouble = troubleWith(api, () => feed.again());
  const feed = new Feed(api, album, trouble);
  const watch = once(async () => new (await import("./watch.js")).Watch(api, album, trouble, calm));
  const undo = once(async () => {
    const [{ Undo }] = await Promise.all([import("./undo.js"), styled("panels.css")]);
    return new Undo(api, album, trouble);
  });
  const remove = (/** @type {string} */ id) => void undo().then((one) => one.remove(id), trouble);
  new Wall(album, remove);
  keepFigures(album, () => feed.ended);
  album.addEventListener("change", () => {
    welcome(album, feed);
    if (album.waiting) void watch().then((one) => one.wake(), trouble);
  });
  followRoute(api, album, remove);
  feed.follow(the("#end", HTMLElement));
  addEventListener("offline", () => warn(OFFLINE));
  addEventListener("online", () => {
    calm();
    feed.again();
  });
  return uploading(api, album, watch, trouble);
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {() => Promise<{hurry: () => void}>} watch
 * @param {(fault: unknown) => void} trouble
 * @returns {(files: File[]) => void}
 */
function uploading(api, album, watch, trouble) {
  const uploads = once(async () => {
    const parts = [import("./uploads.js"), import("./tray.js"), styled("panels.css")];
    const [{ Uploads }, { Tray }] = /** @type {[typeof import("./uploads.js"), typeof import("./tray.js")]} */ (
      await Promise.all(parts)
    );
    const made = new Uploads(api, album);
    new Tray(made);
    made.addEventListener("sent", () => void watch().then((one) => one.hurry(), trouble));
    addEventListener("beforeunload", (event) => {
      if (made.underway) event.preventDefault();
    });
    return made;
  });
  return (files) => void persistently(uploads, trouble).then((one) => one.add(files));
}

/**
 * Retry until it works: files that were dropped without a network wait for it.
 * @template T
 * @param {() => Promise<T>} make
 * @param {(fault: unknown) => void} trouble
 * @returns {Promise<T>}
 */
async function persistently(make, trouble) {
  for (;;) {
    try {
      return await make();
    } catch (fault) {
      trouble(fault);
      await new Promise((done) => {
        setTimeout(done, 3000);
        addEventListener("online", done, { once: true });
      });
    }
  }
}

/**
 * @param {string} why
 * @returns {Promise<string>}
 */
async function typedKey(why) {
  const [{ askForKey }] = await Promise.all([import("./signin.js"), styled("signin.css")]);
  return askForKey(why);
}

/** @param {(files: File[]) => void} add */
function takeFiles(add) {
  takeDrops(add, the("#veil", HTMLElement));
  takePastes(add);
  for (const name of ["files", "folder"]) {
    const input = the(`#${name}`, HTMLInputElement);
    takeChoices(input, add);
    for (const button of document.querySelectorAll(`[data-choose="${name}"]`)) {
      button.addEventListener("click", () => input.click());
    }
  }
}

/**
 * Return an error handler: it shows the error, or asks for another API key.
 * @param {Api} api
 * @param {() => void} again
 * @returns {(fault: unknown) => void}
 */
function troubleWith(api, again) {
  let asking = false;
  return (fault) => {
    const code = fault instanceof Problem ? fault.code : "unreachable";
    if (code !== "forbidden") {
      warn(navigator.onLine ? reason(code) : OFFLINE, again);
      return;
    }
    if (asking) return;
    asking = true;
    forget();
    void typedKey(reason("forbidden")).then((key) => {
      asking = false;
      api.key = key;
      again();
    });
  };
}

/**
 * @param {Album} album
 * @param {Feed} feed
 */
function welcome(album, feed) {
  const some = album.shown.length > 0;
  the("#empty", HTMLElement).hidden = some || !feed.ended;
  the("#loading", HTMLElement).hidden = feed.ended;
}
