"""Patch of MiniStack's IAM: a wildcard of a policy matches every character, as on AWS.

A key of S3 may have line breaks. A statement for all objects of a bucket did not match it, so that
neither the rights to it nor the denials of it had an effect.
"""

import re
from functools import lru_cache
from typing import Any

# Patterns that are kept; a stack has about a hundred.
_KEPT_PATTERNS = 4096


def match_every_character(iam: Any) -> None:  # noqa: ANN401  # a module of MiniStack without types
    """Replace the function that compiles the patterns of policies. Call it once."""
    compiled_by_ministack = iam._fnmatch_compile

    @lru_cache(_KEPT_PATTERNS)
    def compiled(pattern: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001  # its signature
        found = compiled_by_ministack(pattern, ignore_case)
        # A dollar also matches before a line break at the end.
        return re.compile(found.pattern.removesuffix("$") + r"\Z", found.flags | re.DOTALL)

    iam._fnmatch_compile = compiled
