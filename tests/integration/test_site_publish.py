"""`imagemill site publish`, to the running stack and to a stack by its name."""

import json
from pathlib import Path

import pytest
from live.stack import Stack
from typer.testing import CliRunner, Result

from imagemill.cli.app import app
from imagemill.local.address import Address
from imagemill.local.page import page_path


def publish(*options: str) -> Result:
    return CliRunner().invoke(app, ["site", "publish", "--json", *options])


@pytest.fixture
def aws_environment(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the AWS SDK's environment variables to the embedded AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", address.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", address.aws_access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", address.aws_secret_access_key)
    monkeypatch.setenv("AWS_DEFAULT_REGION", address.region)


def test_publish_uploads_the_page_and_deletes_old_files(data_dir: Path, stack: Stack) -> None:
    bucket = stack.address.site_bucket
    stack.s3.put_object(Bucket=bucket, Key="former.js", Body=b"old")

    result = publish("--data-dir", str(data_dir))

    found = {one["Key"] for one in stack.s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert json.loads(result.stdout)["deleted"] == ["former.js"]
    assert found == {*json.loads(result.stdout)["stored"]}
    assert {path.name for path in page_path().glob("*.js")} < found


def test_site_files_have_a_content_type_and_are_revalidated(stack: Stack) -> None:
    bucket = stack.address.site_bucket

    script = stack.s3.head_object(Bucket=bucket, Key="main.js")

    assert (script["ContentType"], script["CacheControl"]) == (
        "text/javascript; charset=utf-8",
        "no-cache",
    )


@pytest.mark.usefixtures("aws_environment")
def test_the_page_of_a_stack_on_aws_uses_the_api_of_that_stack(stack: Stack) -> None:
    bucket = stack.address.site_bucket
    before = stack.s3.get_object(Bucket=bucket, Key="config.json")["Body"].read()

    result = publish("--stack", stack.address.stack)

    config = stack.s3.get_object(Bucket=bucket, Key="config.json")["Body"].read()
    stack.s3.put_object(Bucket=bucket, Key="config.json", Body=before)
    assert json.loads(config)["api"].startswith("https://")
    assert json.loads(result.stdout)["gallery"].endswith(".cloudfront.net/")


def test_a_profile_without_a_stack_is_refused() -> None:
    result = publish("--profile", "work")

    assert result.exit_code == 2
    assert "--profile and --region need --stack" in result.stderr
