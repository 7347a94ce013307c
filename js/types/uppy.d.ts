/** @file Options for the plugin @uppy/aws-s3, with which it uploads to the bucket. */
import type { UploadForm } from "./api.js";
import type { Imagemill } from "./client.js";
export type UppyFile = {
    id: string;
    name?: string | undefined;
    type?: string | undefined;
    size?: number | null | undefined;
};
export type UppyOptions = {
    /**
     * called with the id and the key of the image before
     * its bytes are sent
     */
    onForm?: (file: UppyFile, form: UploadForm) => void;
    /**
     * name of a rule of the recipe
     */
    recipe?: string;
};
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
export declare function uppyOptions(client: Pick<Imagemill, "uploadForm">, { onForm, recipe }?: UppyOptions): {
    shouldUseMultipart: false;
    /** @param {UppyFile} file */
    getUploadParameters(file: UppyFile): Promise<{
        method: "POST";
        url: string;
        fields: {
            [key: string]: string;
        };
    }>;
    /** @param {UppyFile} file */
    generateObjectKey(file: UppyFile): string;
    /** @param {{method: string, key: string}} request */
    signRequest({ method, key }: {
        method: string;
        key: string;
    }): Promise<{
        url: string;
        fields: {
            [key: string]: string;
        };
    }>;
};
