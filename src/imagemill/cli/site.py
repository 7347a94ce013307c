"""`imagemill site publish`: publish the gallery's page to a stack."""

from imagemill.cli import options
from imagemill.cli.cloud import running_address
from imagemill.cli.screen import note, print_json, print_line
from imagemill.cli.wording import counted
from imagemill.operations.publish_site import Publication, publish, site_files

PUBLISH_EXAMPLE = "imagemill site publish"


def publish_command(
    *,
    data_dir: options.DataDir = None,
    stack: options.Stack = None,
    profile: options.Profile = None,
    region: options.Region = None,
    as_json: options.AsJson = False,
) -> None:
    """Publish the gallery's page and its configuration to a stack, and delete old files.

    `imagemill up` publishes the page itself. On AWS, run this command after each deployment with
    --stack. The page contains no secret: it asks its visitors for the API key.
    """
    options.check_stack(stack, profile, region)
    if stack:
        done, url = _publish_to_aws(stack, profile, region)
    else:
        from imagemill.local.page import publish_page  # noqa: PLC0415  # boto3 is slow to load

        address = running_address(data_dir)
        done, url = publish_page(address), address.gallery_url
    if as_json:
        print_json({"gallery": url, "stored": done.stored, "deleted": done.deleted})
        return
    stored, deleted = counted(len(done.stored), "file"), counted(len(done.deleted), "old file")
    note(f"{stored} stored, {deleted} deleted", "dim")
    print_line(url)


def _publish_to_aws(stack: str, profile: str | None, region: str | None) -> tuple[Publication, str]:
    from imagemill.local.page import page_path  # noqa: PLC0415  # boto3 is slow to load
    from imagemill.wiring.site import open_site  # noqa: PLC0415

    gallery = open_site(stack, profile, region)
    files = site_files(
        page_path(),
        gallery.api_url,
        gallery.sign_in,
        private=gallery.private,
        shares_api_url=gallery.shares_api_url,
    )
    done = publish(files, gallery.site)
    return done, gallery.gallery_url
