// CloudFront Function (viewer response) of images on request. It runs for answers from the cache, too, and only if the
// status is below 400. src/imagemill/local/responses.py has the same rules; both pass tests/cases/responses.json.

const SHORT = 'public, max-age=60, stale-while-revalidate=60';
const YEAR = 'public, max-age=31536000, immutable';

function handler(event) {
    const headers = event.response.headers;
    const stored = headers['x-amz-meta-version'];
    if (stored || !headers['cache-control']) {
        const named = event.request.querystring.v;
        // Only an answer that has the version of the URL stays the same for a year.
        headers['cache-control'] = { value: stored && named && named.value === stored.value ? YEAR : SHORT };
        headers.vary = { value: 'Accept' };
    }
    Object.keys(headers).forEach((name) => {
        if (name.startsWith('x-amz-')) {
            delete headers[name];
        }
    });
    headers['access-control-allow-origin'] = { value: '*' };
    return event.response;
}
