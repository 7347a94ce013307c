// Compare gain maps with decoders that are not ours: prints the root mean square of the difference, in stops.
// Arguments: the original, the rendition, its width and height, and the EXIF orientation of the original.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, original, rendition, width, height, orientation] = process.argv.slice(2);
const load = createRequire(join(folder, 'package.json'));
const sharp = load('sharp');
const { extractGainmapFromJPEG } = await import(pathToFileURL(load.resolve('@monogrid/gainmap-js')));

async function stops(file, kernel, turn) {
    const { gainMap, metadata } = await extractGainmapFromJPEG(new Uint8Array(readFileSync(file)));
    const size = { width: Number(width), height: Number(height) };
    let image = sharp(Buffer.from(gainMap));
    if (turn > 1) {
        const upright = await image.withMetadata({ orientation: turn }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
        image = sharp(upright).autoOrient();
    }
    const { data, info } = await image.resize({ ...size, fit: 'fill', kernel }).raw().toBuffer({ resolveWithObject: true });
    const found = new Float64Array(size.width * size.height * 3);
    for (let at = 0; at < found.length; at += 1) {
        const channel = at % 3;
        const level = data[Math.floor(at / 3) * info.channels + (info.channels < 3 ? 0 : channel)] / 255;
        const [low, high] = [metadata.gainMapMin[channel], metadata.gainMapMax[channel]];
        found[at] = low + (high - low) * level ** (1 / metadata.gamma[channel]);
    }
    return found;
}

const wanted = await stops(original, 'lanczos3', Number(orientation));
const found = await stops(rendition, 'linear', 1);
const squares = wanted.reduce((sum, value, at) => sum + (value - found[at]) ** 2, 0);
console.log(Math.sqrt(squares / wanted.length));
