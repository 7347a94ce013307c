"""URLs of variants: three grammars that are parsed to one request, and built from it."""
