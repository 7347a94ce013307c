"""Signed URLs and policies: the same as botocore's signer makes, and verified as by CloudFront."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial

import pytest
from botocore.signers import CloudFrontSigner

from imagemill.private.policies import from_url, read_policy, to_url
from imagemill.private.rsa import is_signed, new_key, signer
from imagemill.private.signer import LinkSigner
from imagemill.private.verify import is_permitted

SITE = "https://d1.cloudfront.net"
URL = f"{SITE}/~~/01-ab/500/%C3%A9t%C3%A9/a%2Bb.jpg"
# Noon of a day, and the end of signatures of an hour that are made then.
NOW, UNTIL = 1_795_953_600, 1_795_957_200


@cache
def pair() -> tuple[str, str]:
    return new_key()


def link_signer(now: int = NOW, sign: Callable[[bytes], bytes] | None = None) -> LinkSigner:
    return LinkSigner("K1", sign or signer(pair()[0]), 3600, lambda: now)


def may_pass(url: str, now: int = NOW, key_id: str = "K1", **cookies: str) -> bool:
    named = {name.replace("_", "-"): value for name, value in cookies.items()}
    return is_permitted(url, named, {key_id: pair()[1]}, now, is_signed)


@pytest.mark.parametrize("url", [URL, f"{URL}?x-version=1&w=5"])
def test_a_signed_url_is_that_of_botocore(url: str) -> None:
    theirs = CloudFrontSigner("K1", signer(pair()[0]))

    expected = theirs.generate_presigned_url(url, datetime.fromtimestamp(UNTIL, UTC))
    assert link_signer().url(url) == expected


def test_a_policy_is_that_of_botocore() -> None:
    theirs = CloudFrontSigner("K1", signer(pair()[0]))
    policy = theirs.build_policy(f"{SITE}/~/id?*", datetime.fromtimestamp(UNTIL, UTC))

    expected = theirs.generate_presigned_url(f"{SITE}/~/id?w=5", policy=policy)
    assert f"{SITE}/~/id?w=5&{link_signer().policy(f'{SITE}/~/id?*').query}" == expected


def test_a_url_stays_the_same_for_half_of_its_time() -> None:
    urls = {link_signer(NOW + seconds).url(URL) for seconds in (0, 900, 1799)}

    assert len(urls) == 1
    assert link_signer(NOW + 1800).url(URL) not in urls
    assert link_signer(NOW + 1799).until - (NOW + 1799) > 1800


def test_a_signed_url_passes_until_it_expires() -> None:
    url = link_signer().url(URL)

    assert may_pass(url)
    assert may_pass(url, UNTIL - 1)
    assert not may_pass(url, UNTIL)


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.partition("?")[0],
        lambda url: url.replace("/500/", "/501/"),
        lambda url: url.replace(f"Expires={UNTIL}", f"Expires={UNTIL + 1}"),
        lambda url: url.replace(f"Expires={UNTIL}", "Expires=soon"),
        lambda url: url + "&w=5",
        lambda url: url.replace("Signature=", "Signature=A"),
        lambda url: url.replace("Key-Pair-Id=K1", "Key-Pair-Id=K2"),
        lambda url: url.replace("https:", "http:"),
    ],
)
def test_a_changed_url_is_refused(change: Callable[[str], str]) -> None:
    assert not may_pass(change(link_signer().url(URL)))


def test_the_signature_of_another_key_is_refused() -> None:
    assert not may_pass(link_signer(sign=signer(new_key()[0])).url(URL))


def test_a_policy_opens_the_urls_that_match() -> None:
    query = link_signer().policy(f"{SITE}/~/id?*").query

    assert may_pass(f"{SITE}/~/id?w=5&{query}")
    assert may_pass(f"{SITE}/~/id?{query}&w=9&auto=format")
    assert not may_pass(f"{SITE}/~/other?w=5&{query}")
    assert not may_pass(f"{SITE}/500/id?w=5&{query}")
    assert not may_pass(f"{SITE}/~/id?w=5&{query}", UNTIL)


def test_cookies_open_the_urls_that_match() -> None:
    signed = link_signer().policy(f"{SITE}/*")
    passes = partial(
        may_pass,
        CloudFront_Policy=signed.policy,
        CloudFront_Signature=signed.signature,
        CloudFront_Key_Pair_Id="K1",
    )

    assert passes(URL)
    assert not passes("https://d2.cloudfront.net/a")
    assert not passes(URL, UNTIL)
    # CloudFront reads the parameters of a URL that has some, and not the cookies.
    assert not passes(f"{URL}?Expires={UNTIL}")
    assert not may_pass(URL, CloudFront_Policy=signed.policy)


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "[]",
        '{"Statement": []}',
        '{"Statement": [{"Resource": "*"}]}',
        '{"Statement": [{"Resource": "*", "Condition": {}}]}',
        '{"Statement": [{"Resource": "*", "Condition": {"DateLessThan": 1}}]}',
        # A condition that nobody here makes.
        '{"Statement": [{"Resource": "*", "Condition": {"IpAddress": {"AWS:EpochTime": 9}}}]}',
    ],
)
def test_a_malformed_policy_opens_nothing(policy: str) -> None:
    text = policy.encode()
    query = f"Policy={to_url(text)}&Signature={to_url(signer(pair()[0])(text))}&Key-Pair-Id=K1"

    assert not may_pass(f"{SITE}/a?{query}")


def test_a_policy_can_begin_later() -> None:
    times = '"DateLessThan":{"AWS:EpochTime":9},"DateGreaterThan":{"AWS:EpochTime":5}'
    policy = read_policy(f'{{"Statement":[{{"Resource":"a?c","Condition":{{{times}}}}}]}}')

    assert [policy.covers("abc", now) for now in (4, 5, 8, 9)] == [False, True, True, False]
    assert not policy.covers("abbc", 5)


def test_bytes_survive_the_form_of_a_url() -> None:
    assert from_url(to_url(bytes(range(256)))) == bytes(range(256))
    assert set(to_url(b"\xfb\xff\xfe\x00")) <= set("-~_+/=AP78") - set("+/=")
