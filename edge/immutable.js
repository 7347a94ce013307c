// CloudFront Function (viewer response) of addresses with a version. It runs for answers from the cache, too, and only if
// the status is below 400, so no browser keeps an error. src/imagemill/local/responses.py has the same rules. The template
// puts a line with SETTINGS in front of it.

const SHORT = 'public, max-age=60';
const YEAR = 'public, max-age=31536000, immutable';

function handler(event) {
    const headers = event.response.headers;
    const sequencer = headers['x-amz-meta-sequencer'];
    const recipe = headers['x-amz-meta-recipe'];
    const named = event.request.querystring['x-version'];
    // Only a rendition that has the version of the address stays the same for a year.
    const isNamed = sequencer && recipe && named && named.value === sequencer.value + '-' + recipe.value;
    const kept = isNamed ? YEAR : SHORT;
    // Caches that other visitors share would show a private image without asking for a signature.
    headers['cache-control'] = { value: SETTINGS.private ? kept.replace('public', 'private') : kept };
    return event.response;
}
