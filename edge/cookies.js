// CloudFront Function (viewer request) of /~cookies: sets the signed cookies in its parameters, and deletes those of the
// other areas. CloudFront verifies them with every request for an image, so they need no check here.
// src/imagemill/private/cookies.py has the same rules, and makes the parameters.

const AREAS = { all: '/', renditions: '/~~/', sizes: '/~/', iiif: '/iiif/' };
const SIGNED = /^([A-Za-z0-9_~-]{1,1024})\.([A-Za-z0-9_~-]{1,1024})$/;

function handler(event) {
    const query = event.request.querystring;
    const text = (name) => query[name] ? query[name].value : '';
    const given = Object.keys(AREAS).filter((area) => query[area]);
    const isValid = /^[A-Za-z0-9]{1,32}$/.test(text('key')) && /^[0-9]{1,7}$/.test(text('seconds'));
    if (given.length && !(isValid && given.every((area) => SIGNED.test(text(area))))) {
        return { statusCode: 400, statusDescription: 'Bad Request' };
    }
    const lines = { 'CloudFront-Policy': [], 'CloudFront-Signature': [], 'CloudFront-Key-Pair-Id': [] };
    Object.keys(AREAS).forEach((area) => {
        const found = SIGNED.exec(text(area));
        const values = found ? [found[1], found[2], text('key')] : ['-', '-', '-'];
        const age = found ? text('seconds') : '0';
        // No page of another site sends them with its images, and no script reads them.
        const attributes = 'Path=' + AREAS[area] + '; Max-Age=' + age + '; Secure; HttpOnly; SameSite=Lax';
        Object.keys(lines).forEach((name, at) => lines[name].push({ value: values[at], attributes: attributes }));
    });
    const cookies = {};
    Object.keys(lines).forEach((name) => {
        cookies[name] = { value: lines[name][0].value, attributes: lines[name][0].attributes, multiValue: lines[name] };
    });
    return { statusCode: 204, headers: { 'cache-control': { value: 'no-store' } }, cookies: cookies };
}
