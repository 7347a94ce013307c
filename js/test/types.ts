// A module that uses every export of the package; only its types are checked.
import { Imagemill, ImagemillError, imageUrl, postForm, srcset, type Image, type ListedImage } from "imagemill";
import { nextLoader } from "imagemill/next";
import imagemillProvider from "imagemill/nuxt";
import { uppyOptions } from "imagemill/uppy";
import { WebhookInvalid, verifyWebhook } from "imagemill/webhooks";

const client = new Imagemill({ api: "https://api.example.com/live", token: async () => "token", timeoutMs: 5_000 });

export async function use(file: File): Promise<string | null> {
  const { id } = await client.upload(file, { focus: { x: 0.3, y: 0.7 }, onProgress: (sent: number) => void sent });
  const image: Image = await client.wait(id, { timeoutMs: 1_000 });
  if (image.status === "rejected") throw new Error(image.error?.message);
  // @ts-expect-error: there is no such state.
  if (image.status === "done") throw new Error("done");
  const width: number | undefined = image.renditions["large"]?.width;
  await client.setFocus(id, null);
  const again: Image = await client.wait(id, { after: await client.reprocess(id) });
  console.log(again.history.at(-1)?.code, again.original?.exposure_time_s);
  await client.delete(id);
  return image.public?.html ?? imageUrl("https://cdn.example.com", image.key, { width, format: "webp" });
}

export async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const image of client.images({ status: "ready", public: true })) found.push(keyOf(image));
  const page = await client.list({ limit: 5, cursor: null });
  const filters = { name: "beach", min_bytes: 1, since: "2026-05-04", sort: "oldest" as const };
  for await (const image of client.searchImages({ ...filters, public: true })) found.push(keyOf(image));
  const { images, folders } = await client.folders({ prefix: "a/", recursive: true, format: "png", cursor: null });
  // @ts-expect-error: there is no such order.
  await client.search({ sort: "largest" });
  return [...found, ...[...page.images, ...images].map(keyOf), ...folders.map((folder) => folder.prefix)];
}

function keyOf(image: ListedImage): string {
  return image.key;
}

export const loader: (image: { src: string; width: number }) => string = nextLoader("https://cdn.example.com");
export const { url } = imagemillProvider().getImage("/a.jpg", {
  modifiers: { width: 640 },
  baseURL: "https://cdn.example.com",
});
export const options = uppyOptions(client, { onForm: (file, form) => console.log(file.name, form.id) });
export const candidates = srcset("https://cdn.example.com", "a.jpg", [320, 640]);

export async function receive(request: Request): Promise<Response> {
  try {
    const body = await request.arrayBuffer();
    const event = await verifyWebhook(body, request.headers.get("Imagemill-Signature"), ["new", "old"]);
    return new Response(event.detailType);
  } catch (error) {
    if (error instanceof WebhookInvalid) return new Response(error.code, { status: 400 });
    if (error instanceof ImagemillError && error.isTransient) return new Response(error.requestId, { status: 503 });
    throw error;
  }
}

export const send = (form: Parameters<typeof postForm>[0]) => postForm(form, new Blob(["bytes"]));
