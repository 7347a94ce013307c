// Calls `handler` for each of EVENTS, and prints one line of JSON for each answer; for node and njs. The test puts the
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

async function runAll() {
    for (let at = 0; at < EVENTS.length; at++) {
        const one = EVENTS[at];
        Object.assign(SETTINGS, one.settings);
        STORE.keys = one.keys || null;
        Date.now = () => one.now * 1000;
        try {
            const answer = await handler(eventOf(one));
            console.log(JSON.stringify(answer));
        } catch (bug) {
            console.log(JSON.stringify({ bug: String(bug.stack || bug) }));
        }
    }
}

runAll();
