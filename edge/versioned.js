// CloudFront Function (viewer request) of addresses with a version: /~~/VERSION/KEY leads to /KEY. The version stays in
// the cache key, so that the address of a new version is not answered from the cache of an older one.
// src/imagemill/local/on_request.py has the same rules.

function handler(event) {
    const request = event.request;
    const parts = request.uri.split('/');
    let folder = '~t';
    try {
        folder = decodeURIComponent(parts[3]);
    } catch (fault) {
        // An incomplete escape stands for no folder.
    }
    // Keys of variants are closed here, too; a rendition is in the folder of its preset.
    if (parts.length < 5 || !parts[2] || !folder || folder === '~t' || folder.includes('/')) {
        return { statusCode: 403, statusDescription: 'Forbidden' };
    }
    request.uri = '/' + parts.slice(3).join('/');
    request.querystring = { 'x-version': { value: parts[2] } };
    return request;
}
