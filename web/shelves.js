/** @file The folders of a page, and the way to a folder, as links. */

/** @import {Folder} from "./types.js" */

import { made } from "./dom.js";

/**
 * @param {Folder[]} folders
 * @param {URLSearchParams} filters that remain
 * @returns {HTMLElement[]} items of a list
 */
export function foldersOf(folders, filters) {
  return folders.map(({ name, prefix }) => {
    const item = document.createElement("li");
    item.append(linkTo(prefix, name, filters));
    return item;
  });
}

/**
 * @param {string} prefix
 * @param {Folder[]} crumbs the folders on the way to it, as far as they are known
 * @param {URLSearchParams} filters that remain
 * @returns {HTMLElement} a list, whose last item can have the focus
 */
export function crumbsOf(prefix, crumbs, filters) {
  const list = document.createElement("ol");
  const root = { name: "Folders", prefix: "" };
  const way = [root, ...crumbs.filter((one) => one.prefix)];
  const known = way.at(-1)?.prefix === prefix ? way : [...way, { name: prefix.split("/").at(-2) ?? prefix, prefix }];
  for (const [at, one] of known.entries()) {
    const item = document.createElement("li");
    const link = linkTo(one.prefix, one.name, filters);
    if (at === known.length - 1) link.ariaCurrent = "page";
    item.append(link);
    list.append(item);
  }
  return list;
}

/**
 * @param {string} prefix
 * @param {string} text
 * @param {URLSearchParams} filters
 */
function linkTo(prefix, text, filters) {
  const link = /** @type {HTMLAnchorElement} */ (made("a", text));
  link.href = `#${new URLSearchParams([["folder", prefix], ...filters])}`;
  return link;
}
