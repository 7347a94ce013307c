// imgix's grammar: /~/{key}?w=640&h=480&fit=min&auto=format. The same as src/imagemill/requests/imgix.py, and the
// ladder of ladder.py and accept.py for URLs without a signature.

const FITS = { clip: 'inside', max: 'inside', min: 'cover', crop: 'cover', scale: 'exact', fill: 'pad', fillmax: 'pad' };
const FORMATS = { jpg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', jxl: 'jxl' };
const FREE = 'w h fit auto q fm dpr ar v placeholder ixlib ixid'.split(' ');
const SIGNED = 'rect crop fp-x fp-y flip orient rot bg blur sharp sat expires sig'.split(' ');
const POINT = ['fp-x', 'fp-y'];
const EDGES = { top: [null, 0], bottom: [null, 1], left: [0, null], right: [1, null] };
// Width and height of usual shapes, ascending.
const SHAPES = [
    [1, 3], [3, 7], [1, 2], [21, 40], [9, 16], [2, 3], [3, 4], [4, 5], [1, 1],
    [5, 4], [4, 3], [3, 2], [16, 9], [40, 21], [2, 1], [7, 3], [3, 1],
];

const TURNS = { 0: 0, 90: 90, 180: 180, 270: 270 };
const FLIPS = { h: mirrored, v: flipped, hv: (orientation) => rotated(orientation, 180) };

function route(url, keys) {
    const query = readQuery(url.query);
    const verified = isVerified(url.path, query, keys);
    const id = idOf(percentDecoded(url.path.slice('/~/'.length), 'key'));
    checkNames(query.names, verified);
    const options = Object.create(null);
    query.names.forEach((name) => {
        options[name] = percentDecoded(query.values[name].replace(/\+/g, '%20'), name);
    });
    const preset = parse(options);
    if (!verified) {
        snap(normal(preset));
    }
    if (options.auto && options.auto.split(',').includes('format')) {
        preset.format = negotiated(url.accept) || preset.format;
    }
    read(options, 'placeholder', { 1: 1 });
    return { id: id, file: canonical(preset, false), v: options.v, placeholder: options.placeholder };
}

function checkNames(names, verified) {
    const unknown = names.find((name) => !FREE.includes(name) && !SIGNED.includes(name));
    if (unknown) {
        throw unsupported(unknown, 'other parameters only');
    }
    const signed = names.find((name) => SIGNED.includes(name));
    if (signed && !verified) {
        throw unsigned(signed);
    }
}

function parse(options) {
    const preset = whole();
    const oriented = rotated(upright(), read(options, 'orient', TURNS, 0));
    preset.fit = read(options, 'fit', FITS, 'inside');
    const box = boxOf(options, preset.fit);
    preset.width = box[swapsSides(oriented) ? 1 : 0];
    preset.height = box[swapsSides(oriented) ? 0 : 1];
    const turned = turn(options, oriented);
    preset.mirror = turned.mirror;
    preset.rotation = turned.rotation;
    checkAuto(options.auto);
    preset.format = read(options, 'fm', FORMATS, 'keep');
    preset.quality = options.q === undefined ? 0 : integer(options.q, 'q', 1, 100);
    preset.crop = rect(options);
    preset.focus = before(oriented, focus(options, preset.fit));
    preset.tone = read(options, 'sat', { 0: '', '-100': 'gray' }, '');
    preset.blur = sigma(options, 'blur', 2000);
    preset.sharpen = sigma(options, 'sharp', 100);
    preset.background = options.bg === undefined ? '' : colour(options.bg, 'bg');
    if (options.v !== undefined) {
        version(options.v, 'v');
    }
    return preset;
}

function read(options, name, table, otherwise) {
    return options[name] === undefined ? otherwise : choice(table, options[name], name);
}

function checkAuto(text) {
    if (text !== undefined) {
        text.split(',').forEach((word) => choice({ format: 1, compress: 1 }, word, 'auto'));
    }
}

// Width and height as displayed, multiplied by dpr.
function boxOf(options, fit) {
    const sides = ['w', 'h'].map((name) => options[name] === undefined ? null : integer(options[name], name, 1, LONGEST_SIDE));
    const dpr = options.dpr === undefined ? 1 : decimal(options.dpr, 'dpr', 0.75, 8);
    if (options.dpr !== undefined && !sides[0] && !sides[1]) {
        throw invalid('dpr', 'w or h beside it');
    }
    const scaled = sides.map((length) => length && length * dpr);
    const whole = options.ar === undefined ? scaled : byRatio(options.ar, scaled, fit);
    return whole.map((length) => length === null ? MAX_SIDE : side(length));
}

// Adds the side that the aspect ratio gives.
function byRatio(text, sides, fit) {
    const match = /^(\d{1,4}(?:\.\d{1,4})?):(\d{1,4}(?:\.\d{1,4})?)$/.exec(text);
    if (!match || !Number(match[1]) || !Number(match[2])) {
        throw invalid('ar', 'two numbers, such as 16:9');
    }
    if (fit !== 'cover' || !sides[0] === !sides[1]) {
        throw invalid('ar', 'fit=crop or fit=min, and w or h, beside it');
    }
    const width = sides[0], height = sides[1];
    return width ? [width, width * match[2] / match[1]] : [height * match[1] / match[2], height];
}

// The part of the original: whole numbers are px, others are fractions of each side.
function rect(options) {
    if (options.rect === undefined) {
        return null;
    }
    const words = options.rect.split(',');
    if (words.length !== 4) {
        throw invalid('rect', 'x,y,w,h');
    }
    if (options.orient !== undefined) {
        throw unsupported('rect', 'no orient beside it');
    }
    const isFraction = words.some((word) => word.includes('.'));
    const numbers = words.map((word) => isFraction ? rounded(fraction(word, 'rect', 0, 1) * 100) : integer(word, 'rect', 0, 999999999));
    if (!numbers[2] || !numbers[3]) {
        throw invalid('rect', 'a width and a height above 0');
    }
    return cropOf(isFraction ? 'percent' : 'px', [numbers[2], numbers[3], numbers[0], numbers[1]]);
}

function focus(options, fit) {
    const words = options.crop === undefined ? [] : options.crop.split(',');
    if (words.length && fit !== 'cover') {
        throw invalid('crop', 'fit=crop or fit=min beside it');
    }
    if (options.crop === 'focalpoint') {
        return POINT.map((name) => options[name] === undefined ? 0.5 : decimal(options[name], name, 0, 1));
    }
    const alone = POINT.find((name) => options[name] !== undefined);
    if (alone) {
        throw invalid(alone, 'crop=focalpoint beside it');
    }
    return words.reduce((point, word) => {
        const edge = choice(EDGES, word, 'crop');
        return point.map((value, axis) => edge[axis] === null ? value : edge[axis]);
    }, CENTRE);
}

function turn(options, oriented) {
    const turned = read(options, 'flip', FLIPS, (orientation) => orientation)(oriented);
    return rotated(turned, read(options, 'rot', { 0: 0, 180: 180 }, 0));
}

// imgix gives no unit: 20 are one px of standard deviation, so that its largest blur is ours.
function sigma(options, name, most) {
    return options[name] === undefined ? 0 : rounded(decimal(options[name], name, 0, most) / 20);
}

// --- the ladder

function snap(preset) {
    const widths = SETTINGS.widths;
    const largest = widths[widths.length - 1];
    const up = (length) => widths.find((width) => width >= length) || largest;
    const hasWidth = preset.width !== MAX_SIDE, hasHeight = preset.height !== MAX_SIDE;
    if (hasWidth && hasHeight) {
        snapShape(preset, up(Math.max(preset.width, preset.height)));
    } else if (hasWidth) {
        preset.width = up(preset.width);
    } else if (hasHeight) {
        preset.height = up(preset.height);
    } else {
        preset.width = preset.height = largest;
    }
    preset.quality = nearestQuality(preset.quality);
}

function snapShape(preset, longest) {
    const shape = shapeOf(preset.width, preset.height);
    const across = shape[0], down = shape[1];
    preset.width = across >= down ? longest : share(longest, across, down);
    preset.height = across >= down ? share(longest, down, across) : longest;
}

// The nearest shape by ratio: two shapes meet at their geometric mean.
function shapeOf(width, height) {
    const last = SHAPES.length - 1;
    const at = SHAPES.findIndex((shape, index) => index < last
        && width * width * shape[1] * SHAPES[index + 1][1] <= height * height * shape[0] * SHAPES[index + 1][0]);
    return SHAPES[at < 0 ? last : at];
}

// length * part / all, rounded; halves are rounded up.
function share(length, part, all) {
    return Math.max(1, Math.floor((2 * length * part + all) / (2 * all)));
}

function nearestQuality(quality) {
    if (!quality || !SETTINGS.qualities.length) {
        return 0;
    }
    const distance = (step) => Math.abs(step - quality);
    return SETTINGS.qualities.reduce((best, step) => distance(step) < distance(best) ? step : best);
}

// --- Accept

// The format that the client prefers: AVIF, JPEG XL or WebP, of equals the first. Old browsers send */* and image/*, too.
function negotiated(accept) {
    const weights = Object.create(null);
    accept.slice(0, 1000).toLowerCase().split(',').forEach((part) => {
        const words = part.split(';').map((word) => word.replace(/^[ \t]+|[ \t]+$/g, ''));
        const weight = words.slice(1).find((word) => word.startsWith('q='));
        weights[words[0]] = weight === undefined ? 1 : weightOf(weight);
    });
    const weight = (name) => weights['image/' + name] || 0;
    const best = ['avif', 'jxl', 'webp'].reduce((one, other) => weight(other) > weight(one) ? other : one);
    return weight(best) ? best : null;
}

function weightOf(word) {
    const match = /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.exec(word);
    return match ? Number(match[1]) : 0;
}
