// imgproxy's grammar: /~p/{signature}/{options}/plain/{key}@{format}, always signed. The same as
// src/imagemill/requests/imgproxy.py and imgproxy_options.py. An option that appears twice has its last value.

const FITS = { fit: 'inside', fill: 'cover', 'fill-down': 'cover', force: 'exact' };
const FORMATS = { jpg: 'jpeg', jpeg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', jxl: 'jxl' };
const GRAVITIES = {
    ce: [0.5, 0.5], no: [0.5, 0], noea: [1, 0], ea: [1, 0.5], soea: [1, 1], so: [0.5, 1], sowe: [0, 1], we: [0, 0.5], nowe: [0, 0],
};
const LENGTH = (text, name) => integer(text, name, 0, LONGEST_SIDE);
const SIGMA = (text, name) => decimal(text, name, 0, 100);
// What imagemill always does: the value changes nothing.
const ALWAYS = (text, name) => must(name, boolean(text, name), '1');
// Options with one value, and how it is read.
const SINGLE = {
    resizing_type: (text, name) => choice(FITS, text, name),
    width: LENGTH,
    height: LENGTH,
    enlarge: (text, name) => must(name, !boolean(text, name), '0: images are never enlarged'),
    dpr: (text, name) => decimal(text, name, 0.000001, 10),
    rotate: rotation,
    quality: (text, name) => integer(text, name, 0, 100),
    format: (text, name) => choice(FORMATS, text, name),
    blur: SIGMA,
    sharpen: SIGMA,
    cachebuster: (text, name) => text && version(text, name),
    expires: (text, name) => integer(text, name, 0, 9999999999),
    auto_rotate: ALWAYS,
    strip_metadata: ALWAYS,
    keep_copyright: ALWAYS,
};
// Options with several values.
const MULTIPLE = { resize: resize, size: size, extend: extend, gravity: gravity, crop: crop, zoom: zoom, flip: flip, background: background };
const SHORT_NAMES = {
    rs: 'resize', s: 'size', rt: 'resizing_type', w: 'width', h: 'height', el: 'enlarge', ex: 'extend', g: 'gravity', c: 'crop',
    z: 'zoom', rot: 'rotate', fl: 'flip', q: 'quality', f: 'format', ext: 'format', bg: 'background', bl: 'blur', sh: 'sharpen',
    cb: 'cachebuster', exp: 'expires', ar: 'auto_rotate', sm: 'strip_metadata', kcr: 'keep_copyright',
};
const MOST = 999999999;

function needsKeys() {
    return true;
}

function route(url, keys) {
    const rest = url.path.slice('/~p/'.length);
    const signature = rest.split('/', 1)[0];
    const path = normalized(rest.slice(signature.length + 1));
    if (!isSigned('/' + path, signature, keys)) {
        throw forged('signature');
    }
    const draft = readOptions(path.split('/'));
    const file = canonical(finished(draft), false);
    return { id: idOf(draft.key), file: file, v: draft.cachebuster };
}

// Some proxies encode the colons between an option and its values.
function normalized(path) {
    const at = path.indexOf('/plain/');
    const options = at < 0 ? path : path.slice(0, at);
    return options.replace(/%3A/g, ':') + path.slice(options.length);
}

// Sides and positions are those of the displayed image, after rotation.
function readOptions(segments) {
    const draft = {
        resizing_type: 'inside', extendFocus: CENTRE, focus: CENTRE, dpr: 1, zoom: 1, rotate: 0, flip: [false, false], format: 'keep',
    };
    while (segments.length && segments[0].includes(':')) {
        const words = segments.shift().split(':');
        apply(draft, words[0], words.slice(1));
    }
    readSource(draft, segments);
    if (draft.expires > 0 && draft.expires < now()) {
        throw expired();
    }
    return draft;
}

function apply(draft, name, values) {
    if (!/^[\w-]{1,32}$/.test(name)) {
        throw invalid('', 'options');
    }
    const long = has(SHORT_NAMES, name) ? SHORT_NAMES[name] : name;
    if (has(MULTIPLE, long)) {
        MULTIPLE[long](draft, name, values);
    } else if (has(SINGLE, long)) {
        draft[long] = SINGLE[long](atMost(name, values, 1)[0], name);
    } else {
        throw unsupported(name, 'other options only');
    }
}

// The key and the format after it.
function readSource(draft, segments) {
    const isPlain = segments[0] === 'plain' && segments.length > 1;
    const text = isPlain ? segments.slice(1).join('/') : segments.join('');
    const parts = text.split(isPlain ? '@' : '.');
    if (!parts[0] || parts.length > 2) {
        throw invalid('key', 'a key and at most one format');
    }
    draft.key = isPlain ? percentDecoded(parts[0], 'key') : fromBase64(parts[0]);
    if (parts[1]) {
        draft.format = choice(FORMATS, parts[1], 'format');
    }
}

function fromBase64(text) {
    const bare = text.replace(/=+$/, '');
    if (!/^[\w-]+$/.test(bare) || bare.length % 4 === 1) {
        throw invalid('key', 'base64url');
    }
    return percentDecoded(Buffer.from(bare, 'base64url').toString('hex').replace(/../g, '%$&'), 'key');
}

// --- values

function atMost(name, values, most) {
    if (values.length > most) {
        throw invalid(name, 'at most ' + most + ' values');
    }
    return values;
}

function boolean(text, name) {
    const isTrue = /^(1|t|T|true|TRUE|True)$/.test(text);
    if (!isTrue && !/^(0|f|F|false|FALSE|False)?$/.test(text)) {
        throw invalid(name, '1 or 0');
    }
    return isTrue;
}

function must(name, condition, expected) {
    if (!condition) {
        throw unsupported(name, expected);
    }
}

function rotation(text, name) {
    const degrees = integer(text.replace(/^-/, ''), name, 0, 999999);
    if (degrees % 90) {
        throw invalid(name, 'a multiple of 90');
    }
    return text.startsWith('-') ? (360 - degrees % 360) % 360 : degrees % 360;
}

function gravityPoint(name, values) {
    const kind = atMost(name, values, 3)[0];
    const offsets = values.slice(1);
    if (kind === 'fp') {
        if (offsets.length !== 2) {
            throw invalid(name, 'fp:x:y');
        }
        return offsets.map((text) => decimal(text, name, 0, 1));
    }
    const hasOffset = has(GRAVITIES, kind) && offsets.some((text) => text && decimal(text, name, 0, MAX_SIDE));
    must(name, has(GRAVITIES, kind) && !hasOffset, 'fp or a direction, without offsets');
    return GRAVITIES[kind];
}

// --- options with several values; an empty one changes nothing

function setUnlessEmpty(draft, name, text, option) {
    if (text) {
        draft[option] = SINGLE[option](text, name);
    }
}

function resize(draft, name, values) {
    atMost(name, values, 8);
    setUnlessEmpty(draft, name, values[0], 'resizing_type');
    size(draft, name, values.slice(1));
}

function size(draft, name, values) {
    atMost(name, values, 7);
    ['width', 'height', 'enlarge'].forEach((option, at) => setUnlessEmpty(draft, name, values[at], option));
    if (values[3]) {
        extend(draft, name, values.slice(3));
    }
}

function extend(draft, name, values) {
    atMost(name, values, 4);
    draft.extend = boolean(values[0], name);
    const point = values.length > 1 ? gravityPoint(name, values.slice(1)) : CENTRE;
    // Other points are places in imgproxy's canvas, but shares of the free space in ours.
    must(name, point.every((value) => value % 0.5 === 0), 'an edge or ce');
    draft.extendFocus = point.every((value) => value === 0.5) ? CENTRE : point;
}

function gravity(draft, name, values) {
    draft.focus = gravityPoint(name, values);
}

function crop(draft, name, values) {
    atMost(name, values, 5);
    const sides = values.slice(0, 2).concat('0').slice(0, 2).map((text) => fraction(text, name, 0, MOST));
    draft.crop = (sides[0] || sides[1]) && sides;
    draft.cropFocus = draft.cropOffset = null;
    const offsets = values.slice(3).filter((text) => text);
    if (values[2] === 'nowe' && offsets.length === 2) {
        draft.cropOffset = offsets.map((text) => fraction(text, name, 0, MOST));
    } else if (values.length > 2) {
        draft.cropFocus = gravityPoint(name, values.slice(2));
    }
}

function zoom(draft, name, values) {
    const factors = atMost(name, values, 2).map((text) => fraction(text, name, 0.000001, 10));
    must(name, factors[0] === factors[factors.length - 1], 'one factor for both sides');
    draft.zoom = factors[0];
}

function flip(draft, name, values) {
    atMost(name, values, 2);
    draft.flip = draft.flip.map((former, axis) => values[axis] ? boolean(values[axis], name) : former);
}

function background(draft, name, values) {
    if (values.length === 3) {
        draft.background = values.map((text) => integer(text, name, 0, 255).toString(16).padStart(2, '0')).join('');
    } else {
        const text = atMost(name, values, 1)[0];
        draft.background = text && colour(text, name);
    }
}

// --- the preset

function finished(draft) {
    const turned = turn(draft);
    const preset = whole();
    const sides = [draft.width, draft.height].map((length) => length ? side(length * draft.zoom * draft.dpr) : MAX_SIDE);
    preset.fit = fitOf(draft);
    preset.crop = part(draft, turned);
    preset.focus = before(turned, focusOf(draft, preset.fit));
    preset.width = sides[swapsSides(turned) ? 1 : 0];
    preset.height = sides[swapsSides(turned) ? 0 : 1];
    const scale = rounded(draft.zoom * draft.dpr * 100);
    preset.scale = draft.width || draft.height || scale >= 100 ? 0 : Math.max(scale, 0.0001);
    return Object.assign(preset, turned, {
        format: draft.format, quality: draft.quality, blur: draft.blur, sharpen: draft.sharpen, background: draft.background,
    });
}

function turn(draft) {
    const turned = rotated(upright(), draft.rotate);
    const across = draft.flip[0] ? mirrored(turned) : turned;
    return draft.flip[1] ? flipped(across) : across;
}

function fitOf(draft) {
    const fit = draft.resizing_type;
    const sides = (draft.width ? 1 : 0) + (draft.height ? 1 : 0);
    must('resizing_type', fit !== 'exact' || sides !== 1, 'both sides beside force');
    must('extend', !draft.extend || (fit === 'inside' && sides === 2), 'both sides and fit beside it');
    return draft.extend ? 'pad' : fit;
}

function part(draft, turned) {
    if (!draft.crop) {
        return null;
    }
    const sides = swapsSides(turned) ? [draft.crop[1], draft.crop[0]] : draft.crop;
    const place = draft.cropOffset || [];
    must('crop', !draft.cropOffset || (!turned.mirror && !turned.rotation), 'no offsets beside rotate and flip');
    if (sides.concat(place).every((length) => length < 1)) {
        const shares = sides.map((length) => length || 1).concat(place);
        return cropOf('percent', shares.map((length) => rounded(length * 100)));
    }
    const isInPx = sides.every((length) => length >= 1) && !place.some((length) => length > 0 && length < 1);
    must('crop', isInPx, 'all numbers in px, or all below 1');
    return cropOf('px', sides.map(Math.floor).concat(place));
}

// The one focus of crop, cover and pad, as displayed.
function focusOf(draft, fit) {
    const focus = fit === 'pad' ? draft.extendFocus : draft.focus;
    if (!draft.crop || draft.cropOffset) {
        return focus;
    }
    const cropFocus = draft.cropFocus || draft.focus;
    const isSame = cropFocus[0] === focus[0] && cropFocus[1] === focus[1];
    must('crop', isSame || (fit !== 'cover' && fit !== 'pad'), 'the same gravity for crop and for the box');
    return cropFocus;
}
