/** @file The entry point of the page. */

import { Album } from "./album.js";
import { Api, Problem } from "./api.js";
import { the } from "./dom.js";
import { Feed } from "./feed.js";
import { keepFigures } from "./figures.js";
import { takeChoices, takeDrops, takePastes } from "./intake.js";
import { once, styled } from "./lazy.js";
import { calm, warn } from "./notice.js";
import { followRoute, openId, viewOf } from "./route.js";
import { arrivingKey, forget, hasUnfinished, isGuest, keyed } from "./session.js";
import { Wall } from "./wall.js";
import { reason, refusal } from "./words.js";

/** @import {Config, Sharer, Source} from "./types.js" */

/** Changes made elsewhere are noticed from then on: the first images load before. */
const LIVE_AFTER_MS = 1000;
const PAGE = 40;
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
  const config = await configuration();
  if (!config) return;
  if (isGuest()) return (await import("./shared.js")).visit(config, open);
  const access = key ? keyed(config.api, key) : await (await import("./access.js")).admitted(config);
  const api = new Api(access);
  await unlock(api, config);
  begin(open(api, config));
}

/**
 * Let the browser load private images.
 * @param {Api} api
 * @param {Config} config
 */
async function unlock(api, { isPrivate }) {
  if (isPrivate) await (await import("./cookies.js")).openImages(api);
}

/** @returns {Promise<Config | null>} */
async function configuration() {
  try {
    const answer = await fetch("/config.json", { cache: "no-cache" });
    const { api, signin = null, private: isPrivate = false, shares = null } = await answer.json();
    return { api: new URL(api).href.replace(/\/$/, ""), signin, isPrivate, shares };
  } catch {
    warn("This page is not set up: its config.json is missing or malformed.", () => location.reload());
    return null;
  }
}

/**
 * @param {Api} api
 * @param {Config} config
 * @returns {(files: File[]) => void} a function that uploads files
 */
function open(api, config) {
  const album = new Album();
  const trouble = troubleWith(api, config, () => feed.again());
  const unlisted = troubleWith(api, config, () => feed.again(), "The images cannot be listed. ");
  const plain = allOf(api, album, (page, cursor) => void live().then((one) => one.note(page, cursor), unlisted));
  const feed = new Feed(album, unlisted, plain);
  const watch = once(async () => new (await import("./watch.js")).Watch(api, album, trouble, calm));
  const undo = once(async () => {
    const [{ Undo }] = await Promise.all([import("./undo.js"), styled("panels.css")]);
    return new Undo(api, album, trouble);
  });
  const removing = (/** @type {string} */ id) => void undo().then((one) => one.remove(id), trouble);
  const remove = api.access.isShared ? null : removing;
  /** @type {Sharer} */
  const sharing = (name, targets) => void import("./share.js").then((one) => one.show(api, name, targets)).catch(trouble);
  const share = config.shares ? sharing : null;
  const wall = new Wall(album, remove);
  const live = once(async () => {
    await new Promise((done) => {
      setTimeout(done, LIVE_AFTER_MS);
    });
    const extras = Promise.all([import("./select.js"), import("./help.js"), import("./walk.js"), styled("select.css")]);
    void extras.then(([{ Selection }, { helpOnKey }, { walkOnArrows }]) => {
      new Selection(album, api, remove, share);
      helpOnKey();
      walkOnArrows();
    }, unlisted);
    const view = { visible: () => wall.visible, open: openId, source: () => feed.source };
    return new (await import("./live.js")).Live(api, album, view, { trouble: unlisted, calm });
  });
  keepFigures(album, () => feed.ended);
  album.addEventListener("change", () => {
    welcome(album, feed);
    if (album.waiting) void watch().then((one) => one.wake(), trouble);
  });
  followRoute(api, album, { remove, share });
  const shelf = once(async () => {
    const [{ Shelf }] = await Promise.all([import("./shelf.js"), styled("shelf.css")]);
    return new Shelf(api, album, feed, plain, () => void live().then((one) => one.wake(), unlisted), share);
  });
  const look = () => follow(album, feed, shelf).catch(troubleWith(api, config, look));
  addEventListener("hashchange", look);
  void look();
  feed.follow(the("#end", HTMLElement));
  addEventListener("offline", () => warn(OFFLINE));
  addEventListener("online", () => {
    calm();
    feed.again();
  });
  return uploading(api, album, wall, watch, trouble);
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {Source["onPage"]} onPage
 * @returns {Source} all images
 */
function allOf(api, album, onPage) {
  return {
    cursor: null,
    ended: false,
    read: (cursor) => api.list(PAGE, cursor),
    onPage: (page, cursor) => {
      const last = page.images.at(-1);
      if (!page.cursor) album.floor = "";
      else if (last) album.floor = `${last.uploaded_at}#${last.id}`;
      onPage(page, cursor);
    },
  };
}

/**
 * Show the search or the folder that the URL names.
 * @param {Album} album
 * @param {Feed} feed
 * @param {() => Promise<{follow: () => void}>} shelf
 */
async function follow(album, feed, shelf) {
  if (viewOf() && !album.view) {
    feed.source = null;
    album.narrow(new Set());
  }
  if (album.view) (await shelf()).follow();
}

/**
 * @param {Api} api
 * @param {Album} album
 * @param {Wall} wall
 * @param {() => Promise<{hurry: () => void}>} watch
 * @param {(fault: unknown) => void} trouble
 * @returns {(files: File[]) => void}
 */
function uploading(api, album, wall, watch, trouble) {
  const uploads = once(async () => (await import("./transfer.js")).transfer(api, album, wall, watch, trouble));
  if (hasUnfinished())
    void Promise.all([persistently(uploads, trouble), import("./resume.js")]).then(([one, { resume }]) => resume(one), trouble);
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
 * Return an error handler: it shows the error, or asks for other credentials.
 * @param {Api} api
 * @param {Config} config
 * @param {() => void} again
 * @param {string} before begins the message, with the thing that failed
 * @returns {(fault: unknown) => void}
 */
function troubleWith(api, config, again, before = "") {
  let asking = false;
  return (fault) => {
    const code = fault instanceof Problem ? fault.code : "unreachable";
    // The page says why when it is loaded again.
    if (api.access.isShared && /^share_|^unauthorized$/.test(code)) return location.reload();
    // A user who may not do something stays signed in.
    if (code !== "unauthorized" && (code !== "forbidden" || api.access.isUser)) {
      warn(navigator.onLine ? before + refusal(code) : OFFLINE, again);
      return;
    }
    if (asking) return;
    asking = true;
    forget();
    void import("./access.js").then(async ({ askedFor }) => {
      const access = await askedFor(config, reason(code), true);
      asking = false;
      api.access = access;
      await unlock(api, config);
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
  the("#empty", HTMLElement).hidden = some || !feed.ended || album.view !== null;
  the("#loading", HTMLElement).hidden = !feed.busy;
}
