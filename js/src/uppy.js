/** @file Options for the plugin @uppy/aws-s3, with which it uploads to the bucket. */

/** @import {UploadForm, UploadRequest} from "./api.js" */
/** @import {Imagemill} from "./client.js" */

/**
 * A file of Uppy.
 * @typedef {{id: string, name?: string | undefined, type?: string | undefined, size?: number | null | undefined}}
 *   UppyFile
 */

/**
 * @typedef {object} UppyOptions
 * @property {(file: UppyFile, form: UploadForm) => void} [onForm] called with the id and the key of the image before
 *   its bytes are sent
 * @property {string} [recipe] name of a rule of the recipe
 */

/**
 * Return options for @uppy/aws-s3, version 4 and later: `uppy.use(AwsS3, uppyOptions(client))`.
 *
 * Version 6 asks `signRequest` for the form of a key that `generateObjectKey` made. Earlier ones ask
 * `getUploadParameters` for the form of a file.
 * @param {Pick<Imagemill, "uploadForm">} client
 * @param {UppyOptions} options
 */
export function uppyOptions(client, { onForm, recipe } = {}) {
  /** @type {Map<string, UppyFile>} */
  const files = new Map();
  /** @param {UppyFile} file */
  const formFor = async (file) => {
    const form = await client.uploadForm({ ...requestFor(file), ...(recipe ? { recipe } : {}) });
    onForm?.(file, form);
    return form;
  };
  return {
    shouldUseMultipart: /** @type {const} */ (false),
    /** @param {UppyFile} file */
    async getUploadParameters(file) {
      const { url, fields } = await formFor(file);
      return { method: /** @type {const} */ ("POST"), url, fields };
    },
    /** @param {UppyFile} file */
    generateObjectKey(file) {
      files.set(file.id, file);
      return file.id;
    },
    /** @param {{method: string, key: string}} request */
    async signRequest({ method, key }) {
      const file = files.get(key);
      if (method !== "PUT" || !file) throw new TypeError(`expected the upload of a file, got ${method} ${key}`);
      const { url, fields } = await formFor(file);
      return { url, fields };
    },
  };
}

/**
 * @param {UppyFile} file
 * @returns {UploadRequest}
 */
function requestFor({ name, type, size }) {
  if (!name || !size) throw new TypeError("expected a file with a name and a size");
  return { filename: name, content_type: type?.startsWith("image/") ? type : "", bytes: size };
}
