import { Imagemill } from "imagemill";

/** The client with the key of the API; only the server has it. */
export const client = new Imagemill({
  api: process.env.IMAGEMILL_API,
  apiKey: process.env.IMAGEMILL_API_KEY,
});
