// CloudFront Function (viewer request) of addresses with a version: /~~/VERSION/KEY leads to /KEY. The version stays in
// the cache key, so that the address of a new version is not answered from the cache of an older one. ~OWNER can stand
// before the version: then the key is one of this owner, whose signed cookies cover all addresses that begin so.
// src/imagemill/local/versioned.py has the same rules.

function handler(event) {
    const request = event.request;
    const parts = request.uri.split('/').slice(2);
    const owner = (parts[0] || '').startsWith('~') ? parts[0] : '';
    const named = parts.slice(owner ? 1 : 0);
    const version = named[0];
    const key = named.slice(1).join('/');
    const folder = decoded(named[1]);
    // Keys of variants are closed here, too; a rendition is in the folder of its preset.
    const isClosed = named.length < 3 || !version || !folder || folder === '~t' || folder.includes('/');
    if (isClosed || (owner && ownerOf(key) !== owner)) {
        return { statusCode: 403, statusDescription: 'Forbidden' };
    }
    request.uri = '/' + key;
    request.querystring = { 'x-version': { value: version } };
    return request;
}

// Empty for an incomplete escape.
function decoded(text) {
    try {
        return decodeURIComponent(text);
    } catch (fault) {
        return '';
    }
}

// The owner that a key names, with its ~: `owner_of` in src/imagemill/domain/keys.py, behind the folder of the preset.
function ownerOf(key) {
    const found = /^[^\/]*\/[\s\S]*?uploads\/(~[a-z2-7]{26})\/[\s\S]/.exec(decoded(key));
    return found ? found[1] : '';
}
