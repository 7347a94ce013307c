/** @file Search and folders: the wall shows the images that the URL asks for, instead of all. */

/** @import {Album} from "./album.js" */
/** @import {Api} from "./api.js" */
/** @import {Feed} from "./feed.js" */
/** @import {Found, Sharer, Source} from "./types.js" */

import { made, the } from "./dom.js";
import { counted } from "./format.js";
import { viewOf } from "./route.js";
import { crumbsOf, foldersOf } from "./shelves.js";
import { FilterForm } from "./filters.js";

const PAGE = 40;
/** Pages without a result, one after the other, before the visitor is asked whether to read on. */
const PATIENCE = 10;

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
    /** @type {Set<string>} */
    const ids = new Set();
    const query = this.#form.query(folder);
    query.set("limit", String(PAGE));
    let empty = 0;
    /** @type {Source} */
    const source = {
      cursor: null,
      ended: false,
      read: (cursor) => {
        if (cursor) query.set("cursor", cursor);
        return this.api.find(folder === null ? "search" : "folders", query);
      },
      onPage: (/** @type {Found} */ page, cursor) => {
        if (this.feed.source !== source) return;
        for (const { id } of page.images) ids.add(id);
        empty = page.images.length || page.folders?.length ? 0 : empty + 1;
        this.#isPaused = !source.ended && empty >= PATIENCE;
        if (this.#isPaused) [source.ended, empty] = [true, 0];
        this.#show(page, folder, cursor);
        this.onPage();
      },
    };
    this.#isPaused = false;
    this.album.narrow(ids);
    this.feed.turnTo(source);
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
