// What the REST API says (see docs/api.md) and what the page adds to it. Never published.

export interface Rendition {
  key: string;
  bytes: number;
  width: number;
  height: number;
  format: string;
}

export interface Original {
  bytes: number;
  width: number | null;
  height: number | null;
  format: string | null;
  frames: number | null;
  captured_at: string | null;
  camera: string | null;
}

export interface Picture {
  id: string;
  key: string;
  filename: string;
  status: "pending" | "ready" | "rejected" | "failed";
  sequencer: string;
  uploaded_at: string;
  version_id: string;
  original: Original | null;
  renditions: Record<string, Rendition>;
  recipe: string | null;
  placeholder: string | null;
  colour: string | null;
  warnings: string[];
  error: { code: string; message: string } | null;
  processed_at: string | null;
  processing_ms: number | null;
  links: { original: string | null; renditions: Record<string, string> };
}

export interface Listing {
  images: Picture[];
  cursor: string | null;
}

export interface Ticket {
  id: string;
  key: string;
  url: string;
  fields: Record<string, string>;
  max_bytes: number;
}

/** How far a file has come on its way into the bucket. */
export type Stage = "queued" | "sending" | "sent" | "failed" | "refused" | "cancelled";

export interface Job {
  file: File;
  /** Of its entry in the album, which the server's id replaces once there is one. */
  id: string;
  stage: Stage;
  sent: number;
  why: string;
  kind: string;
  abort: AbortController;
}

/** One place on the wall: a file on its way, a picture of the server's, or first one, then the other. */
export interface Entry {
  id: string;
  /** Sorts the newest first, and stays as it was when the picture was first seen. */
  place: string;
  name: string;
  picture: Picture | null;
  job: Job | null;
  /** Drawn from the file itself, where the browser can decode it. */
  preview: { pixels: ImageBitmap; ratio: number } | null;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}
