// CloudFront Function (viewer request) of the keys of variants: refuses every request.

function handler() {
    return { statusCode: 403, statusDescription: 'Forbidden' };
}
