import Image from "next/image";
import { client } from "../client.js";
import { Upload } from "./upload.jsx";

// Each request lists the present images.
export const dynamic = "force-dynamic";

export default async function Page() {
  const { images } = await client.list({ limit: 24, status: "ready" });
  return (
    <main>
      <h1>Photos</h1>
      <Upload />
      <ul>
        {images.map(({ id, key, filename, original, colour }) => (
          <li key={id}>
            <Image
              src={key}
              alt={filename}
              width={original.width}
              height={original.height}
              sizes="15rem"
              style={{ background: colour }}
            />
          </li>
        ))}
      </ul>
    </main>
  );
}
