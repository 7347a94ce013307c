"use server";

import { revalidatePath } from "next/cache";
import { client } from "../client.js";

/** Return a form that uploads one file to the bucket. In an application of yours, check here who may upload. */
export async function uploadForm({ filename, content_type, bytes }) {
  return client.uploadForm({ filename, content_type, bytes });
}

/** Wait until an image is processed, and return why it was rejected, or null. */
export async function processed(id) {
  const image = await client.wait(id);
  revalidatePath("/");
  return image.error?.message ?? null;
}
