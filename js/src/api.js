/** @file Names for the types of the REST API, which are generated from openapi.json. */

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
