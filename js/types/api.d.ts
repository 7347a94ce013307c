/** @file Names for the types of the REST API, which are generated from openapi.json. */
export type Schemas = import("../types/schema.js").components["schemas"];
export type Image = Omit<Schemas["ImageDetails"], "status"> & {
    status: Status;
};
export type ListedImage = Omit<Schemas["ListedImage"], "status"> & {
    status: Status;
};
export type Status = "pending" | "ready" | "rejected" | "failed";
export type Listing = {
    images: ListedImage[];
    cursor: string | null;
};
export type Folder = Schemas["Folder"];
export type FolderListing = Omit<Schemas["FolderListing"], "images"> & Listing;
export type Operations = import("../types/schema.js").operations;
export type SearchQuery = NonNullable<Operations["searchImages"]["parameters"]["query"]>;
export type FolderQuery = NonNullable<Operations["listFolder"]["parameters"]["query"]>;
export type FocalPoint = Schemas["FocalPoint"];
export type UploadForm = Schemas["UploadTicket"];
export type PartsUpload = Schemas["MultipartTicket"];
export type PartUrls = Schemas["PartTickets"];
export type ArrivedParts = Schemas["ArrivedParts"];
export type CookieLink = Schemas["CookieLink"];
export type Accepted = Schemas["Accepted"];
export type Problem = Schemas["Problem"];
export type UploadBody = import("../types/schema.js").operations["announceUpload"]["requestBody"];
export type UploadRequest = UploadBody["content"]["application/json"];
/** @typedef {import("../types/schema.js").components["schemas"]} Schemas */
/**
 * The record of an image, as it is read by its id.
 * @typedef {Omit<Schemas["ImageDetails"], "status"> & {status: Status}} Image
 */
/**
 * An image of a list; it has `public` if the list was asked for it.
 * @typedef {Omit<Schemas["ListedImage"], "status"> & {status: Status}} ListedImage
 */
/** @typedef {"pending" | "ready" | "rejected" | "failed"} Status */
/** @typedef {{images: ListedImage[], cursor: string | null}} Listing one page */
/** @typedef {Schemas["Folder"]} Folder */
/** @typedef {Omit<Schemas["FolderListing"], "images"> & Listing} FolderListing one page of a folder */
/** @typedef {import("../types/schema.js").operations} Operations */
/** @typedef {NonNullable<Operations["searchImages"]["parameters"]["query"]>} SearchQuery */
/** @typedef {NonNullable<Operations["listFolder"]["parameters"]["query"]>} FolderQuery */
/** @typedef {Schemas["FocalPoint"]} FocalPoint */
/** @typedef {Schemas["UploadTicket"]} UploadForm a form that uploads one file to the bucket */
/** @typedef {Schemas["MultipartTicket"]} PartsUpload an upload in parts that has begun; JSON keeps it */
/** @typedef {Schemas["PartTickets"]} PartUrls */
/** @typedef {Schemas["ArrivedParts"]} ArrivedParts */
/** @typedef {Schemas["CookieLink"]} CookieLink */
/** @typedef {Schemas["Accepted"]} Accepted */
/** @typedef {Schemas["Problem"]} Problem */
/** @typedef {import("../types/schema.js").operations["announceUpload"]["requestBody"]} UploadBody */
/** @typedef {UploadBody["content"]["application/json"]} UploadRequest a file that will be uploaded */
export {};
