// The part that the CloudFront Functions of all URL grammars share (viewer request, runtime 2.0).
//
// The template puts a line with SETTINGS in front of it, and the file of one grammar behind it. That file defines
// needsKeys(url) and route(url, keys). src/imagemill/requests has the same rules in Python, and
// tests/cases/requests.json is the table that both pass. Faults are thrown, as values that fault() makes.
import cf from 'cloudfront';
const crypto = require('crypto');

// No limit for a side of the box, px. URLs can name sides up to one px less.
const MAX_SIDE = 16383;
const LONGEST_SIDE = MAX_SIDE - 1;
// Longest path and query together, and longest key of S3, bytes.
const MAX_URL_BYTES = 8192;
const MAX_KEY_BYTES = 1024;
// The focus of a URL that names none: this very array. The image's own focal point replaces it.
const CENTRE = [0.5, 0.5];

// CloudFront has no asynchronous closures, and no `await` in arguments.
async function handler(event) {
    const request = event.request;
    const accept = request.headers.accept;
    const url = { path: request.uri, query: request.rawQueryString() || '', accept: accept ? accept.value : '' };
    // The key pairs, the present one first; none before `imagemill keys rotate` has made one.
    let keys = [];
    if (needsKeys(url)) {
        const store = cf.kvs();
        if (await store.exists('keys')) {
            keys = await store.get('keys', { format: 'json' });
        }
    }
    return answer(request, url, keys);
}

function answer(request, url, keys) {
    try {
        checkUrl(url.path + url.query);
        const target = route(url, keys);
        return target.location ? redirect(target.location) : rewritten(request, url, target);
    } catch (wrong) {
        return problem(wrong);
    }
}

function checkUrl(text) {
    if (text.length > MAX_URL_BYTES) {
        throw invalid('', 'a URL of at most ' + MAX_URL_BYTES + ' bytes');
    }
    if (!/^[!-~]*$/.test(text)) {
        throw invalid('', 'a percent-encoded URL');
    }
}

// --- answers

// `option` is the part of the URL at fault, `expected` the value that it should have.
function fault(status, code, option, expected) {
    return { status: status, code: code, option: option || undefined, detail: (option ? option + ': ' : '') + 'expected ' + expected };
}

function invalid(option, expected) {
    return fault(400, 'invalid_request', option, expected);
}

function unsupported(option, expected) {
    return fault(400, 'unsupported_option', option, expected);
}

function unsigned(option) {
    return fault(403, 'signature_required', option, 'a signed URL');
}

function forged(option) {
    return fault(403, 'signature_invalid', option, 'the signature of this URL');
}

function expired() {
    return fault(403, 'expired', 'expires', 'a later time');
}

// An RFC 9457 problem. Anything that is not a fault is a bug, for which CloudFront answers 503.
function problem(wrong) {
    if (!wrong.status) {
        throw wrong;
    }
    return {
        statusCode: wrong.status,
        headers: {
            'access-control-allow-origin': { value: '*' },
            'cache-control': { value: 'public, max-age=60' },
            'content-type': { value: 'application/problem+json' },
            'x-content-type-options': { value: 'nosniff' },
        },
        body: JSON.stringify(wrong),
    };
}

function redirect(location) {
    return {
        statusCode: 303,
        headers: { 'access-control-allow-origin': { value: '*' }, location: { value: location } },
    };
}

function rewritten(request, url, target) {
    const query = url.query ? '?' + url.query : '';
    request.headers['x-imagemill-url'] = { value: 'https://' + request.headers.host.value + url.path + query };
    request.uri = '/~t/' + target.id + '/' + (target.v ? '~' + target.v + '/' : '') + target.file;
    request.querystring = {};
    ['v', 'placeholder'].forEach((name) => {
        if (target[name]) {
            request.querystring[name] = { value: target[name] };
        }
    });
    return request;
}

// --- values

function has(table, name) {
    return Object.prototype.hasOwnProperty.call(table, name);
}

// A whole number in the usual form.
function integer(text, option, least, most) {
    return within(/^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : -1, option, least, most);
}

// A number, rounded to four decimals.
function decimal(text, option, least, most) {
    return rounded(within(/^(\d{1,9}(\.\d{1,20})?|\.\d{1,20})$/.test(text) ? Number(text) : -1, option, least, most));
}

function within(value, option, least, most) {
    if (value < least || value > most) {
        throw invalid(option, least + ' to ' + most);
    }
    return value;
}

// One of the names of a table, as its value.
function choice(table, text, option) {
    if (!has(table, text)) {
        throw unsupported(option, Object.keys(table).join(', '));
    }
    return table[text];
}

function rounded(value) {
    return Math.floor(value * 10000 + 0.5) / 10000;
}

// A side in px, at least 1.
function side(value) {
    return Math.max(1, Math.min(LONGEST_SIDE, Math.floor(value + 0.5)));
}

function colour(text, option) {
    const digits = /^#?([\da-f]{3}|[\da-f]{6})$/i.exec(text);
    if (!digits) {
        throw invalid(option, 'hexadecimal digits');
    }
    const lower = digits[1].toLowerCase();
    return lower.length === 3 ? lower.replace(/./g, '$&$&') : lower;
}

function version(text, option) {
    if (!/^[\w.-]{1,128}$/.test(text)) {
        throw invalid(option, 'letters, digits, dots, - and _');
    }
    return text;
}

function percentDecoded(text, option) {
    try {
        return decodeURIComponent(text);
    } catch (wrong) {
        throw invalid(option, 'percent-encoded UTF-8');
    }
}

// --- images and variants

// The id of the image that a URL names by its id or by its key.
function idOf(name) {
    if (/^[a-z2-7]{26}$/.test(name)) {
        return name;
    }
    if (!name || Buffer.byteLength(name) > MAX_KEY_BYTES) {
        throw invalid('key', '1 to ' + MAX_KEY_BYTES + ' bytes');
    }
    if (/[\x00-\x1f\x7f]/.test(name) || /(^|\/)\.\.?(\/|$)/.test(name)) {
        throw invalid('key', 'no control characters, and no . or ..');
    }
    return imageId(name);
}

// The first 16 bytes of the SHA-256 of the key, in base32 (RFC 4648) without padding.
function imageId(key) {
    const digest = crypto.createHash('sha256').update(key).digest('hex').slice(0, 32);
    const bits = digest.replace(/./g, (digit) => parseInt(digit, 16).toString(2).padStart(4, '0')) + '00';
    return bits.replace(/.{5}/g, (five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five, 2)]);
}

// The whole original in its own format: `Preset` in src/imagemill/preset.py. Other options are absent unless a URL
// names them, and so are `left` and `top` of a crop that the focus places.
function whole() {
    return { width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', format: 'keep', focus: CENTRE };
}

function cropOf(unit, numbers) {
    return { unit: unit, width: numbers[0], height: numbers[1], left: numbers[2], top: numbers[3] };
}

// Removes options that have no effect, so that equal images have one key.
function normal(preset) {
    const crop = preset.crop;
    if (preset.width === MAX_SIDE || preset.height === MAX_SIDE) {
        preset.fit = 'inside';
    }
    if (crop && crop.unit === 'percent' && crop.width === 100 && crop.height === 100 && !crop.left && !crop.top) {
        preset.crop = null;
    }
    if (preset.scale === 100) {
        preset.scale = 0;
    }
    if (preset.fit !== 'cover' && preset.fit !== 'pad' && !(preset.crop && preset.crop.left === undefined)) {
        preset.focus = CENTRE;
    }
    if (preset.format === 'png') {
        preset.quality = 0;
    }
    return preset;
}

// The file name of a variant: `ImageRequest.canonical` in src/imagemill/domain/image_request.py.
function canonical(given, strict) {
    const preset = normal(given);
    const box = sideWord(preset.width) + 'x' + sideWord(preset.height);
    const words = [box === 'x' ? 'max' : box];
    const add = (isSet, word) => isSet && words.push(word);
    add(preset.fit !== 'inside', preset.fit);
    add(preset.crop, cropWord(preset.crop));
    add(preset.scale, 'scale' + number(preset.scale));
    add(preset.focus !== CENTRE, 'focus' + preset.focus.map(number).join('x'));
    add(preset.mirror, 'mirror');
    add(preset.rotation, 'rotate' + preset.rotation);
    add(preset.tone, preset.tone);
    add(preset.blur, 'blur' + number(preset.blur));
    add(preset.sharpen, 'sharpen' + number(preset.sharpen));
    add(preset.background, 'bg' + preset.background);
    add(preset.quality, 'q' + preset.quality);
    add(strict, 'strict');
    return words.join('_') + '.' + (preset.format === 'jpeg' ? 'jpg' : preset.format);
}

function sideWord(length) {
    return length === MAX_SIDE ? '' : length;
}

function cropWord(crop) {
    if (!crop || crop.unit === 'square') {
        return 'square';
    }
    const place = crop.left === undefined ? [] : [crop.left, crop.top];
    return (crop.unit === 'percent' ? 'pcrop' : 'crop') + [crop.width, crop.height].concat(place).map(number).join('x');
}

// As it is written in options: at most four decimals, no trailing zeros.
function number(value) {
    return String(Number(Number(value).toFixed(4)));
}

// --- signatures

// Unix time, s.
function now() {
    return Math.floor(Date.now() / 1000);
}

function isSigned(text, signature, pairs) {
    return pairs.some((pair) => isEqual(signatureOf(text, pair), signature));
}

function signatureOf(text, pair) {
    const hmac = crypto.createHmac('sha256', Buffer.from(pair.key, 'hex'));
    const digest = hmac.update(Buffer.from(pair.salt, 'hex')).update(text).digest();
    return digest.subarray(0, SETTINGS.signatureBytes).toString('base64url');
}

// Takes the same time wherever the texts differ.
function isEqual(one, other) {
    let difference = one.length ^ other.length;
    for (let at = 0; at < one.length; at++) {
        difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
    }
    return difference === 0;
}
