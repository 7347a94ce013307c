// Mirroring and quarter turns in any order, as one mirroring that one rotation follows.

function upright() {
    return { mirror: false, rotation: 0 };
}

function rotated(orientation, degrees) {
    return { mirror: orientation.mirror, rotation: (orientation.rotation + degrees + 360) % 360 };
}

// A rotation and then a mirroring is a mirroring and then the opposite rotation.
function mirrored(orientation) {
    return { mirror: !orientation.mirror, rotation: (360 - orientation.rotation) % 360 };
}

function flipped(orientation) {
    return rotated(mirrored(orientation), 180);
}

function swapsSides(orientation) {
    return orientation.rotation % 180 === 90;
}

// Where a point of the result was before, both from 0 to 1. CENTRE stays the point that no URL has named.
function before(orientation, point) {
    if (point === CENTRE) {
        return point;
    }
    const x = point[0], y = point[1];
    const back = { 0: [x, y], 90: [y, 1 - x], 180: [1 - x, 1 - y], 270: [1 - y, x] }[orientation.rotation];
    return [rounded(orientation.mirror ? 1 - back[0] : back[0]), rounded(back[1])];
}

// A number, rounded to six decimals: a percentage with four, divided by 100.
function fraction(text, option, least, most) {
    decimal(text, option, least, most);
    const value = Number(text);
    const nearest = Math.floor(value * 1e6 + 0.5) / 1e6;
    if (value && !nearest) {
        throw invalid(option, 'at most six decimals');
    }
    return nearest;
}
