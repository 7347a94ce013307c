// Query strings and the parameters that sign a URL, for the grammars whose signature is in the query.

// Nothing, and the parameters of CloudFront's own signed URLs, whose names it reserves.
const IGNORED = /^($|(Expires|Policy|Signature|Key-Pair-Id)=)/;

function needsKeys(url) {
    return /(^|&)sig=/.test(url.query);
}

// The names in their order, and the values by name as they stand in the URL.
function readQuery(text) {
    const names = [];
    const values = Object.create(null);
    text.split('&').filter((part) => !IGNORED.test(part)).forEach((part) => {
        const name = part.split('=', 1)[0];
        if (!/^[\w-]{1,32}$/.test(name)) {
            throw invalid('', 'names of parameters');
        }
        if (names.includes(name)) {
            throw invalid(name, 'one value');
        }
        names.push(name);
        values[name] = part.slice(name.length + 1);
    });
    return { names: names, values: values };
}

// Whether the URL is signed; throws a fault if it has to be, or wrongly is.
function isVerified(path, query, keys) {
    const values = query.values;
    if (values.sig === undefined) {
        if (SETTINGS.private) {
            throw unsigned('');
        }
        return false;
    }
    const rest = query.names.filter((name) => name !== 'sig').map((name) => name + '=' + values[name]).sort();
    if (!isSigned(rest.length ? path + '?' + rest.join('&') : path, values.sig, keys)) {
        throw forged('sig');
    }
    if (values.expires !== undefined && integer(values.expires, 'expires', 0, 9999999999) < now()) {
        throw expired();
    }
    return true;
}
