// CloudFront Function (viewer response) of images on request. It runs for answers from the cache, too, and only if the
// status is below 400. src/imagemill/local/responses.py has the same rules; both pass tests/cases/responses.json. The
// template puts a line with SETTINGS in front of it.

const SHORT = 'public, max-age=60, stale-while-revalidate=60';
const YEAR = 'public, max-age=31536000, immutable';

function handler(event) {
    const headers = event.response.headers;
    const links = linksOf(urlOf(event.request), headers);
    if (links.length) {
        headers.link = { value: links.join(', ') };
    }
    const stored = headers['x-amz-meta-version'];
    if (stored || !headers['cache-control']) {
        const named = event.request.querystring.v;
        // Only an answer that has the version of the URL stays the same for a year.
        headers['cache-control'] = { value: stored && named && named.value === stored.value ? YEAR : SHORT };
        headers.vary = { value: 'Accept' };
    }
    if (SETTINGS.private) {
        // Caches that other visitors share would show a private image without asking for a signature.
        headers['cache-control'].value = headers['cache-control'].value.replace('public', 'private');
    }
    Object.keys(headers).forEach((name) => {
        if (name.startsWith('x-amz-')) {
            delete headers[name];
        }
    });
    headers['access-control-allow-origin'] = { value: '*' };
    return event.response;
}

// The URL as the visitor sent it. The function for requests has replaced the path, and put the URL into a header.
function urlOf(request) {
    const given = request.headers['x-imagemill-url'];
    return given && request.uri.startsWith('/~t/') ? given.value : 'https://' + request.headers.host.value + request.uri;
}

// Links to the profile, and to the canonical URI of an image (IIIF Image API 3.0, 4.8 and 6; 2.1, 4.7 and 6).
function linksOf(url, headers) {
    const image = /^(https?:\/\/[^\/]+\/iiif\/([23])\/[^\/?<>]+)\//.exec(url);
    if (!image) {
        return [];
    }
    const profile = '<http://iiif.io/api/image/' + image[2] + '/' + SETTINGS.iiif + '.json>;rel="profile"';
    const canonical = headers['x-amz-meta-iiif-' + image[2]];
    return [profile].concat(canonical ? '<' + image[1] + '/' + canonical.value + '>;rel="canonical"' : []);
}
