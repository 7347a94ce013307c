// The types of the REST API (see docs/api.md) and of the page. This file is not published.

export interface Rendition {
  key: string;
  bytes: number;
  width: number;
  height: number;
  format: string;
  /** How it is brighter than white on an HDR screen. */
  hdr: "gain_map" | "pq" | "hlg" | null;
}

export interface Original {
  bytes: number;
  width: number | null;
  height: number | null;
  format: string | null;
  frames: number | null;
  captured_at: string | null;
  camera: string | null;
  hdr: "gain_map" | "pq" | "hlg" | null;
  lens?: string | null;
  exposure_time_s?: number | null;
  f_number?: number | null;
  iso?: number | null;
  focal_length_mm?: number | null;
}

/** A state that an image got; `attempt` is 0 if no worker led to it. */
export interface StateChange {
  status: "pending" | "ready" | "rejected" | "failed" | "deleted";
  at: string;
  attempt: number;
  code: string | null;
}

/** A point of the upright image, from 0 to 1 across and down. */
export interface FocalPoint {
  x: number;
  y: number;
}

export interface ImageRecord {
  id: string;
  key: string;
  filename: string;
  owner?: string | null;
  /** `deleted` is never listed: the page makes it of a record whose image is gone. */
  status: "pending" | "ready" | "rejected" | "failed" | "deleted";
  sequencer: string;
  uploaded_at: string;
  version_id: string;
  original: Original | null;
  archived: { bytes: number } | null;
  renditions: Record<string, Rendition>;
  recipe: string | null;
  focus: FocalPoint | null;
  /** Whether the renditions show the focal point. */
  focus_applied: boolean;
  placeholder: string | null;
  colour: string | null;
  warnings: string[];
  error: { code: string; message: string } | null;
  processed_at: string | null;
  processing_ms: number | null;
  links: { original: string | null; renditions: Record<string, string> };
  /** Addresses at the distribution; only in a record that was read by its id. */
  public?: {
    renditions: Record<string, string>;
    srcset: string | null;
    html: string | null;
    iiif: string | null;
  } | null;
  /** The last states, the oldest first; only in a record that was read by its id. */
  history?: StateChange[];
}

export interface Listing {
  images: ImageRecord[];
  cursor: string | null;
  /** Changes whenever an image of the page is added, changed or deleted. */
  version: string;
}

/** Where the images of the wall come from, page by page. */
export interface Source {
  cursor: string | null;
  ended: boolean;
  read: (cursor: string | null) => Promise<Listing>;
  /** Receives each page before the album does, and the cursor that led to it. */
  onPage: (page: Listing, cursor: string | null) => void;
  /** Of a search or folder: read the pages again that have these images; `missing` may be deleted. */
  look?: (seen: string[]) => Promise<{ images: ImageRecord[]; missing: string[] }>;
}

export interface Folder {
  name: string;
  prefix: string;
}

/** A page of a search or of a folder; only a folder has folders. */
export interface Found extends Listing {
  folders?: Folder[];
  breadcrumbs?: Folder[];
}

export interface Ticket {
  id: string;
  key: string;
  url: string;
  fields: Record<string, string>;
  max_bytes: number;
  /** When the form expires, as ISO 8601. */
  expires_at: string;
}

/** An upload in parts that has begun. */
export interface PartsTicket {
  id: string;
  key: string;
  upload_id: string;
  /** Bytes of every part but the last. */
  part_bytes: number;
  /** When the page no longer continues it, as ISO 8601. */
  expires_at: string;
}

/** The state of an upload. */
export type Stage = "queued" | "sending" | "sent" | "failed" | "refused" | "cancelled";

/** Where users of the API sign in; `api` is the URL of the API that takes their tokens. */
export interface SignIn {
  issuer: string;
  client: string;
  audience: string;
  scope: string;
  api: string;
}

/** The configuration of the page. */
export interface Config {
  api: string;
  signin: SignIn | null;
  isPrivate: boolean;
  /** URL of the API for share links; null without them. */
  shares: string | null;
}

/** What a share link shows, until when, and its id. */
export interface Share {
  id: string;
  image: string | null;
  prefix: string | null;
  originals: boolean;
  expires_at: string;
}

/** Opens the dialog that shares images or a folder under a name. */
export type Sharer = (name: string, targets: Target[]) => void;

/** The image or the folder to share. */
export interface Target {
  image?: string;
  prefix?: string;
}

/** The URL of the API, and the credentials with which its requests are sent. */
export interface Access {
  address: string;
  /** Whether a user has signed in; otherwise there is an API key. */
  isUser: boolean;
  /** Whether the visitor has a share link, and may change nothing. */
  isShared?: boolean;
  /** The path to request instead of another one. */
  adapted?: (path: string) => string;
  /** The headers with the credentials. */
  headers: () => Promise<Record<string, string>>;
  /** The headers with newer credentials than those that the API refused; null if there are none. */
  renewed: (refused: Record<string, string>) => Promise<Record<string, string> | null>;
}

/** The tokens of a user: that for the API and its end in seconds, and those for the issuer. */
export interface Held {
  token: string;
  until: number;
  id: string;
  refresh: string;
}

export interface Job {
  file: File;
  /** Id of its entry in the album; the server's id replaces it after the announcement. */
  id: string;
  stage: Stage;
  sent: number;
  /** Bytes of the parts that have arrived; 0 if the file is sent whole. */
  stored: number;
  why: string;
  kind: string;
  abort: AbortController;
  /** The form, or the upload in parts, of an earlier attempt, which may still be used. */
  ticket: Ticket | PartsTicket | null;
}

/** One entry of the wall: an upload, an image of the server, or an upload that became one. */
export interface Entry {
  id: string;
  /** Sort key, newest first; it stays the same when the record changes. */
  place: string;
  name: string;
  record: ImageRecord | null;
  job: Job | null;
  /** Preview of the local file; without pixels if the browser cannot decode it. */
  preview: { pixels: ImageBitmap | null; ratio: number } | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
