// The IIIF Image API 3.0 and 2.1: /iiif/3/{id}/{region}/{size}/{rotation}/{quality}.{format}. The same as
// src/imagemill/requests/iiif.py.

const FORMATS = { jpg: 'jpeg', png: 'png', webp: 'webp', avif: 'avif', jxl: 'jxl' };
const QUALITIES = { default: '', color: '', gray: 'gray', bitonal: 'bitonal' };
const ROTATIONS = { 0: 0, 90: 90, 180: 180, 270: 270, 360: 0 };
const PARAMETERS = ['v', 'expires', 'sig'];
// Width and height of tiles, px.
const TILE_SIDE = 512;
const SCALE_FACTORS = [1, 2, 4, 8, 16, 32, 64, 128];
const MOST = 999999999;

function route(url, keys) {
    const segments = url.path.slice('/iiif/'.length).split('/');
    const number = segments[0], name = segments[1], parts = segments.slice(2);
    if ((number !== '2' && number !== '3') || !name || ![0, 1, 4].includes(parts.length)) {
        throw notFound('/iiif/3/{id}/{region}/{size}/{rotation}/{quality}.{format}');
    }
    const query = readQuery(url.query);
    const unknown = query.names.find((one) => !PARAMETERS.includes(one));
    if (unknown) {
        throw unsupported(unknown, 'only v, expires and sig after IIIF URLs');
    }
    const verified = isVerified(url.path, query, keys);
    const key = percentDecoded(name, 'key');
    const id = idOf(key);
    if (!parts.length) {
        return { location: url.path + '/info.json' };
    }
    const named = query.values.v === undefined ? null : version(query.values.v, 'v');
    const file = parts.length === 1 ? infoFile(parts[0], number, key !== id) : imageFile(parts, number, verified);
    return { id: id, file: file, v: parts.length === 1 ? null : named };
}

function notFound(expected) {
    return fault(404, 'not_found', '', expected);
}

function infoFile(name, number, isKey) {
    if (name !== 'info.json') {
        throw notFound('info.json after the identifier');
    }
    return 'info.' + number + (isKey ? '.key' : '') + '.json';
}

function imageFile(parts, number, verified) {
    const wanted = parse(parts.map((part) => percentDecoded(part)), number === '3');
    const isSmall = SETTINGS.iiif === 'level0' && !verified && toLevel0(wanted.preset, wanted.strict);
    const file = canonical(wanted.preset, wanted.strict);
    // TransformFunction knows whether a smaller tile lies at an edge of the image.
    return isSmall ? file.replace('_strict.', '_tile.') : file;
}

function parse(parts, is3) {
    const preset = whole();
    const dot = parts[3].lastIndexOf('.');
    preset.crop = region(parts[0]);
    preset.rotation = member(ROTATIONS, parts[2].replace(/^!/, ''), 'rotation');
    preset.mirror = parts[2].startsWith('!');
    preset.tone = member(QUALITIES, parts[3].slice(0, Math.max(dot, 0)), 'quality');
    preset.format = member(FORMATS, parts[3].slice(dot + 1), 'format');
    return { strict: readSize(preset, parts[1], is3), preset: normal(preset) };
}

function member(table, text, option) {
    if (!has(table, text)) {
        throw invalid(option, Object.keys(table).join(', '));
    }
    return table[text];
}

// The region; one that reaches over an edge of the image is cut there.
function region(text) {
    if (text === 'full') {
        return null;
    }
    if (text === 'square') {
        return cropOf('square', []);
    }
    const isPercent = text.startsWith('pct:');
    const words = text.slice(isPercent ? 4 : 0).split(',');
    if (words.length !== 4) {
        throw invalid('region', '4 numbers');
    }
    const numbers = words.map((word) => isPercent ? decimal(word, 'region', 0, MOST) : integer(word, 'region', 0, MOST));
    const sides = numbers.slice(2).map((length) => isPercent ? Math.min(length, 100) : length);
    if (!sides[0] || !sides[1] || (isPercent && Math.max(numbers[0], numbers[1]) >= 100)) {
        throw invalid('region', 'a part of the image');
    }
    return cropOf(isPercent ? 'percent' : 'px', sides.concat(numbers.slice(0, 2)));
}

// Sets the size, and returns whether a smaller image is an error.
function readSize(preset, text, is3) {
    if (is3 && text.startsWith('^')) {
        plainSize(preset, text.slice(1), is3, MOST);
        throw fault(501, 'not_implemented', 'size', 'no ^: images are never enlarged');
    }
    return plainSize(preset, text, is3, 100);
}

function plainSize(preset, text, is3, mostPercent) {
    if (text === 'max' || (text === 'full' && !is3)) {
        return false;
    }
    if (text.startsWith('pct:')) {
        preset.scale = decimal(text.slice(4), 'size', 0.0001, mostPercent);
        return false;
    }
    const isConfined = text.startsWith('!');
    const words = text.replace(/^!/, '').split(',');
    if (words.length !== 2 || !(isConfined ? words[0] && words[1] : words[0] || words[1])) {
        throw invalid('size', 'max, pct:n, w,h, w, or ,h');
    }
    const sides = words.map((word) => word ? Math.min(integer(word, 'size', 1, isConfined ? MOST : LONGEST_SIDE), MAX_SIDE) : MAX_SIDE);
    preset.width = sides[0];
    preset.height = sides[1];
    preset.fit = isConfined ? 'inside' : 'exact';
    return !isConfined;
}

// --- level 0: a size of the ladder, or a tile

// Returns whether the preset is for a smaller tile.
function toLevel0(preset, strict) {
    const widths = SETTINGS.widths;
    allowIf(!preset.rotation && !preset.mirror, 'rotation');
    allowIf(!preset.tone, 'quality');
    allowIf(!preset.scale, 'size');
    if (preset.crop) {
        return toTile(preset);
    }
    if (preset.width === MAX_SIDE && preset.height === MAX_SIDE) {
        preset.width = preset.height = widths[widths.length - 1];
    } else {
        allowIf(strict && widths.includes(preset.width), 'size');
        preset.height = MAX_SIDE;
    }
}

function toTile(preset) {
    const crop = preset.crop;
    allowIf(crop.unit === 'px' && preset.width !== MAX_SIDE, 'region');
    const scale = SCALE_FACTORS.find((factor) => isTile(crop, preset, factor));
    allowIf(scale, 'region');
    preset.height = Math.ceil(crop.height / scale);
    preset.fit = 'exact';
    return Math.min(crop.width, crop.height) < TILE_SIDE * scale;
}

function isTile(crop, preset, factor) {
    const length = TILE_SIDE * factor;
    const height = preset.height === MAX_SIDE || preset.height === Math.ceil(crop.height / factor);
    return !(crop.left % length) && !(crop.top % length) && Math.max(crop.width, crop.height) <= length
        && preset.width === Math.ceil(crop.width / factor) && height;
}

function allowIf(condition, option) {
    if (!condition) {
        throw unsigned(option);
    }
}
