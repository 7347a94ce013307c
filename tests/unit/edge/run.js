// Calls `handler` for each of EVENTS, and prints the answers as JSON; for node and njs. The test puts the
// function's code, EVENTS, SETTINGS and STORE in front of this file.

function eventOf(one) {
    const headers = { host: { value: 'images.example' } };
    if (one.accept) {
        headers.accept = { value: one.accept };
    }
    if (one.url) {
        headers['x-imagemill-url'] = { value: one.url };
    }
    const request = { method: 'GET', uri: one.path, querystring: one.querystring || {}, headers: headers };
    request.rawQueryString = () => one.query || undefined;
    return { request: request, response: one.response };
}

// In parts, because njs cuts a line after 2,048 bytes; a part begins with + if another follows.
function print(answer) {
    const text = JSON.stringify(answer);
    for (let at = 0; at < text.length; at += 500) {
        console.log((at + 500 < text.length ? '+' : '.') + text.slice(at, at + 500));
    }
}

async function runAll() {
    for (let at = 0; at < EVENTS.length; at++) {
        const one = EVENTS[at];
        Object.assign(SETTINGS, one.settings);
        STORE.keys = one.keys || null;
        Date.now = () => one.now * 1000;
        try {
            const answer = await handler(eventOf(one));
            print(answer);
        } catch (bug) {
            print({ bug: String(bug.stack || bug) });
        }
    }
}

runAll();
