/** @file Pages of lists, searches and folders: their options, and the images of all pages. */
import type { FolderQuery, ListedImage, Listing, SearchQuery, Status } from "./api.js";
export type ListOptions = {
    /**
     * images of a page, 1 to 100
     */
    limit?: number;
    /**
     * that of the page before
     */
    cursor?: string | null;
    status?: Status;
    /**
     * whether images have public addresses
     */
    public?: boolean;
    signal?: AbortSignal;
};
export type PageOptions = {
    /**
     * that of the page before
     */
    cursor?: string | null;
    /**
     * whether images have public addresses
     */
    public?: boolean;
    signal?: AbortSignal;
};
export type SearchOptions = Omit<SearchQuery, keyof PageOptions> & PageOptions;
export type FolderOptions = Omit<FolderQuery, keyof PageOptions | "recursive"> & {
    recursive?: boolean;
} & PageOptions;
/**
 * @typedef {object} ListOptions
 * @property {number} [limit] images of a page, 1 to 100
 * @property {string | null} [cursor] that of the page before
 * @property {Status} [status]
 * @property {boolean} [public] whether images have public addresses
 * @property {AbortSignal} [signal]
 */
/**
 * The page of a search or a folder; their other options are those of the API.
 * @typedef {object} PageOptions
 * @property {string | null} [cursor] that of the page before
 * @property {boolean} [public] whether images have public addresses
 * @property {AbortSignal} [signal]
 */
/** @typedef {Omit<SearchQuery, keyof PageOptions> & PageOptions} SearchOptions */
/** @typedef {Omit<FolderQuery, keyof PageOptions | "recursive"> & {recursive?: boolean} & PageOptions} FolderOptions */
/**
 * @template {object} Options
 * @param {(options: Options & {limit: number, cursor: string | null}) => Promise<Listing>} page
 * @param {Options} options
 * @returns {AsyncGenerator<ListedImage, void>}
 */
export declare function allImages<Options extends object>(page: (options: Options & {
    limit: number;
    cursor: string | null;
}) => Promise<Listing>, options: Options): AsyncGenerator<ListedImage, void>;
/**
 * @param {object} options
 * @returns {URLSearchParams} those that are given
 */
export declare function query(options: object): URLSearchParams;
