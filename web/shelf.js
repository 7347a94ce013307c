/** @file Search and folders: the wall shows the images that the URL asks for, instead of all. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Feed} from "./feed.js" */
/** @import {Folder, Found, Sharer, Source} from "./types.js" */

import { made, the } from "./dom.js";
import { counted } from "./format.js";
import { viewOf } from "./route.js";
import { Pages } from "./pages.js";
import { crumbsOf, foldersOf } from "./shelves.js";
import { FilterForm } from "./filters.js";

const PAGE = 40;
/** Pages without a result, one after the other, before the visitor is asked whether to read on. */
const PATIENCE = 10;
/** Time between two looks at a search that reads many records for few images. */
const DEAR_MS = 10_000;

export class Shelf {
  #place = document.createElement("section");
  #ways = document.createElement("nav");
  #form = new FilterForm((filters, isTyping) => this.#go(filters, isTyping));
  #crumbs = made("nav", "", "crumbs");
  #give = made("button", "Share this folder", "quiet give");
  #folders = made("ul", "", "folders");
  #said = made("p", "", "said");
  #further = made("button", "Search further", "quiet");
  #wall = the("#wall", HTMLElement);
  #view = "";
  /** Whether reading stopped after pages without a result. */
  #isPaused = false;
  /** Whether the URL of a search that is being typed is in the history. */
  #typed = false;

  /**
   * @param {Api} api
   * @param {Album} album
   * @param {Feed} feed
   * @param {Source} plain all images
   * @param {() => void} onPage
   * @param {Sharer | null} share
   */
  constructor(api, album, feed, plain, onPage, share) {
    this.api = api;
    this.album = album;
    this.feed = feed;
    this.plain = plain;
    this.onPage = onPage;
    this.share = share;
    this.#build();
    if (api.access.isUser) this.#form.orderByTimeOnly();
    album.addEventListener("change", () => this.#tell());
    addEventListener("popstate", () => {
      this.#typed = false;
    });
  }

  #build() {
    this.#place.id = "shelf";
    this.#place.ariaLabel = "Search and folders";
    this.#ways.ariaLabel = "Views";
    this.#ways.className = "ways";
    this.#ways.append(linkTo("#", "All images"), linkTo("#search=", "Search"), linkTo("#folder=", "Folders"));
    this.#crumbs.ariaLabel = "Breadcrumbs";
    this.#folders.ariaLabel = "Folders";
    this.#said.role = "status";
    this.#give.addEventListener("click", () => this.#shareFolder());
    this.#further.hidden = true;
    this.#further.addEventListener("click", () => this.#goOn());
    this.#place.append(this.#ways, this.#form.element, this.#crumbs, this.#give, this.#folders, this.#said, this.#further);
    the("#empty", HTMLElement).before(this.#place);
  }

  /** Show what the URL asks for, unless it is shown already. */
  follow() {
    const view = viewOf();
    if (view === this.#view) return;
    const hadFocus = this.#place.contains(document.activeElement) && !this.#form.hasFocus;
    const isFirst = this.#place.hidden || !this.#view;
    this.#view = view;
    this.#place.hidden = !view;
    scrollTo(0, 0);
    if (!view) return this.#leave();
    const asked = new URLSearchParams(view);
    const folder = asked.get("folder");
    this.#form.show(asked);
    this.#mark(folder);
    this.#turnTo(folder);
    if (hadFocus && folder !== null) the("[aria-current]", HTMLElement, this.#crumbs).focus();
    else if (isFirst && folder === null && !document.querySelector("dialog[open]")) this.#form.focus();
  }

  #leave() {
    this.#wall.ariaLabel = "Images, newest first";
    this.album.narrow(null);
    this.feed.turnTo(this.plain);
  }

  /** @param {string | null} folder */
  #mark(folder) {
    const current = folder === null ? "#search=" : "#folder=";
    for (const link of this.#ways.querySelectorAll("a"))
      link.ariaCurrent = link.getAttribute("href") === current ? "page" : null;
    this.#wall.ariaLabel = folder === null ? "Images found" : "Images in this folder";
    this.#folders.replaceChildren();
    this.#crumbs.hidden = folder === null;
    this.#give.hidden = !this.share || !folder?.endsWith("/");
    this.#crumbs.replaceChildren(crumbsOf(folder ?? "", [], this.#form.filters));
  }

  #shareFolder() {
    const prefix = new URLSearchParams(this.#view).get("folder") ?? "";
    this.share?.(prefix, [{ prefix }]);
  }

  /** @param {string | null} folder */
  #turnTo(folder) {
    const query = this.#form.query(folder);
    const pages = new Pages((cursor, limit) => this.#read(query, folder, cursor, limit));
    let [empty, looked] = [0, 0];
    /** @type {Source} */
    const source = {
      cursor: null,
      ended: false,
      read: (cursor) => pages.read(cursor, PAGE),
      onPage: (/** @type {Found} */ page, cursor) => {
        if (this.feed.source !== source) return;
        pages.add(page, cursor);
        this.album.narrow(new Set(pages.ids));
        empty = page.images.length || page.folders?.length ? 0 : empty + 1;
        this.#isPaused = !source.ended && empty >= PATIENCE;
        if (this.#isPaused) [source.ended, empty] = [true, 0];
        this.#show(page, folder, cursor);
        this.onPage();
      },
      look: async (seen) => {
        if (pages.isDear && Date.now() - looked < DEAR_MS) return { images: [], missing: [] };
        looked = Date.now();
        return this.#look(pages, source, seen);
      },
    };
    this.#isPaused = false;
    this.album.narrow(new Set());
    this.feed.turnTo(source);
  }

  /**
   * @param {URLSearchParams} query
   * @param {string | null} folder
   * @param {string | null} cursor
   * @param {number} limit
   * @returns {Promise<Found>}
   */
  #read(query, folder, cursor, limit) {
    const asked = new URLSearchParams([...query, ["limit", String(limit)], ...(cursor ? [["cursor", cursor]] : [])]);
    return this.api.find(folder === null ? "search" : "folders", asked);
  }

  /**
   * Show what has changed elsewhere.
   * @param {Pages} pages
   * @param {Source} source
   * @param {string[]} seen
   */
  async #look(pages, source, seen) {
    const look = await pages.look(seen, source.ended && !this.#isPaused);
    if (this.feed.source !== source) return { images: [], missing: [] };
    const ids = pages.ids;
    if (ids.join() !== [...(this.album.view ?? [])].join()) this.album.narrow(new Set(ids));
    this.#renew(pages.folders);
    if (look.cursor) {
      Object.assign(source, { cursor: look.cursor, ended: false });
      this.feed.again();
    }
    return look;
  }

  /**
   * Show other folders, and keep the focus.
   * @param {Folder[]} folders
   */
  #renew(folders) {
    const items = foldersOf(folders, this.#form.filters);
    if (items.map((one) => one.textContent).join("/") === [...this.#folders.children].map((one) => one.textContent).join("/")) return;
    const focused = this.#folders.contains(document.activeElement) ? document.activeElement?.getAttribute("href") : null;
    this.#folders.replaceChildren(...items);
    const again = [...this.#folders.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused);
    again?.focus();
    this.album.touch();
  }

  /**
   * @param {Found} page
   * @param {string | null} folder
   * @param {string | null} cursor
   */
  #show(page, folder, cursor) {
    if (folder === null) return;
    this.#folders.append(...foldersOf(page.folders ?? [], this.#form.filters));
    if (cursor) return;
    const hadFocus = this.#crumbs.contains(document.activeElement);
    this.#crumbs.replaceChildren(crumbsOf(folder, page.breadcrumbs ?? [], this.#form.filters));
    if (hadFocus) the("[aria-current]", HTMLElement, this.#crumbs).focus();
  }

  /** Say what the wall shows. */
  #tell() {
    if (!this.#view) return;
    const text = this.#words();
    if (this.#said.textContent !== text) this.#said.textContent = text;
    this.#further.hidden = !this.#isPaused;
  }

  #words() {
    const [images, folders] = [this.album.shown.length, this.#folders.childElementCount];
    const isAll = this.feed.ended && !this.#isPaused;
    const parts = [folders && counted(folders, "folder"), images && counted(images, "image")].filter(Boolean);
    if (parts.length) return parts.join(", ") + (isAll ? "" : " so far");
    if (this.#isPaused) return "No image so far.";
    if (!isAll || !this.feed.source) return "";
    return this.#form.isBlank ? "There are no images here." : "No image matches.";
  }

  #goOn() {
    const { source } = this.feed;
    if (source) source.ended = false;
    this.#isPaused = false;
    this.feed.again();
  }

  /**
   * Change the URL, and follow it.
   * @param {URLSearchParams} filters
   * @param {boolean} isTyping whether the next change may replace this one in the history
   */
  #go(filters, isTyping) {
    const folder = new URLSearchParams(this.#view).get("folder");
    const asked = new URLSearchParams([folder === null ? ["search", ""] : ["folder", folder], ...filters]);
    const hash = `#${asked}`;
    if (this.#typed) history.replaceState(null, "", hash);
    else if (String(asked) !== this.#view) history.pushState(null, "", hash);
    this.#typed = isTyping;
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

/**
 * @param {string} href
 * @param {string} text
 */
function linkTo(href, text) {
  const link = /** @type {HTMLAnchorElement} */ (made("a", text));
  link.href = href;
  return link;
}
