"use client";

import { postForm } from "imagemill";
import { useState } from "react";
import { processed, uploadForm } from "./actions.js";

/** A field for files, which go from the browser to the bucket. */
export function Upload() {
  const [line, setLine] = useState("");

  async function upload({ target }) {
    for (const file of target.files) {
      const form = await uploadForm({ filename: file.name, content_type: file.type, bytes: file.size });
      const onProgress = (sent, total) => setLine(`${file.name}: ${sent} of ${total} bytes`);
      await postForm(form, file, { onProgress });
      setLine(`${file.name}: resizing …`);
      const reason = await processed(form.id);
      setLine(`${file.name}: ${reason ?? "ready"}`);
    }
    target.value = "";
  }

  return (
    <label>
      Upload photos:
      <input type="file" multiple onChange={(event) => upload(event).catch(({ message }) => setLine(message))} />
      <output>{line}</output>
    </label>
  );
}
