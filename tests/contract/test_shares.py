"""The table of share links, and its fake."""

from dataclasses import replace

from imagemill.domain.caller import Grant
from imagemill.domain.share import ID_LENGTH, Share, Shares

NOW_S = 1_777_890_030
OWNER = "a" * 26


def share(number: int, owner: str = "", until: int = NOW_S + 60) -> Share:
    """Return the share with a number, by which shares are sorted."""
    grant = Grant(until, prefix="a/", originals=number % 2 == 0, owner=owner)
    return Share(f"{number:0{ID_LENGTH}x}", grant, "key:a", "2026-05-04T10:20:30.000Z", owner)


def test_a_share_is_read_back_as_last_written(shares: Shares) -> None:
    folder = share(1, OWNER)
    image = Share("f" * ID_LENGTH, Grant(NOW_S, image="i" * 26), "user:b", "t", OWNER, "a.jpg")
    revoked = replace(image, revoked_at="2026-05-04T10:20:31.000Z")
    for one in (folder, image, revoked):
        shares.put(one)

    assert [shares.get(one) for one in (folder.id, image.id)] == [folder, revoked]
    assert shares.get("0" * ID_LENGTH) is None


def test_pages_hold_every_valid_share_once_newest_first(shares: Shares) -> None:
    made = [share(number, OWNER if number % 2 else "") for number in range(6)]
    for one in (*made, replace(share(7), revoked_at="t"), share(8, until=NOW_S)):
        shares.put(one)

    first, place = shares.page(4, None, None, NOW_S)
    second, end = shares.page(4, place, None, NOW_S)
    own, _ = shares.page(4, None, OWNER, NOW_S)

    assert [*first, *second] == made[::-1]
    assert (len(first), end) == (4, None)
    assert own == made[5::-2]
