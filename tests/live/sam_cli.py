"""The real SAM CLI, deploying to the embedded AWS."""

import json
import os
import platform
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
from PIL import Image

from imagemill.aws.records_table import RecordsTable
from imagemill.local.address import Address
from imagemill.local.emulator import REGION
from imagemill.local.root_key import RootKey
from imagemill.local.template import load_template
from live.stack import Stack

ROOT = Path(__file__).parents[2]
SAM = ROOT / ".tools/sam/bin/sam"
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# Parameters of every stack: this machine's architecture, plain HTTP, no alarms.
SETTINGS = {
    "Architecture": ARCHITECTURE,
    "RequireTls": "false",
    "Recipe": "100",
    "Watch": "false",
}
# Functions with an archive; earlier versions of the template do not have all.
_FUNCTIONS = {"ResizeImageFunction", "ApiImageUploadFunction", "TransformFunction"}


@dataclass(frozen=True)
class SamCli:
    """Runs the SAM CLI with its own credentials, build folder and configuration file."""

    endpoint: str
    folder: Path
    key: RootKey

    @property
    def build(self) -> Path:
        """Output folder of `sam build`."""
        return self.folder / "build"

    def make_deploy(self, stack: str, **changed: str) -> str:
        """Run `make deploy`, as a user does, and return its output."""
        return self._run(
            "make",
            "deploy",
            "STAGE=here",
            f"SAMCONFIG={self._samconfig(stack, changed)}",
            f"BUILD={self.build}",
            f"LAMBDA_PYTHON={PYTHON}",
        )

    def make_build(self, folder: Path) -> str:
        """Run `make build` into a folder and return its output."""
        return self._run(
            "make",
            "build",
            f"ARCH={ARCHITECTURE}",
            f"BUILD={folder}",
            f"LAMBDA_PYTHON={PYTHON}",
        )

    def deploy(self, stack: str, template: Path, **changed: str) -> str:
        """Deploy a built template and return the output; raises DeployFailed."""
        return self._run(
            *(SAM, "deploy", "--config-file", self._samconfig(stack, changed)),
            *("--config-env", "here", "--template-file", template),
        )

    def deploy_from_wheel(self, imagemill: Path, stack: str, **changed: str) -> str:
        """Run `imagemill deploy` of an installed wheel, in a folder without a checkout."""
        empty = self.folder / "empty"
        empty.mkdir(exist_ok=True)
        return self._run(
            *(imagemill, "deploy", "--yes", "--python", PYTHON),
            *("--stage", "here", "--config", self._samconfig(stack, changed)),
            folder=empty,
            # The functions are built with uv.
            PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        )

    def import_kept(self, stack: str, **kept: str) -> str:
        """Run `make import` for the resources of a deleted stack, by logical id."""
        return self._run(
            "make",
            "import",
            "STAGE=here",
            f"SAMCONFIG={self._samconfig(stack, {})}",
            f"KEPT={' '.join(f'{name}={value}' for name, value in kept.items())}",
        )

    def delete(self, stack: str) -> str:
        """Delete a stack and return the output."""
        return self._run(SAM, "delete", "--stack-name", stack, "--no-prompts", "--region", REGION)

    def built_template(self, source: Path, name: str, **added: dict[str, Any]) -> Path:
        """Write a template with the built functions and additional resources; return its path."""
        template = load_template(source)
        template["Globals"]["Function"].pop("CodeUri")
        for function in _FUNCTIONS & template["Resources"].keys():
            properties = template["Resources"][function]["Properties"]
            properties["CodeUri"] = str(self.build / function)
        template["Resources"] |= added
        path = self.folder / name
        path.write_text(json.dumps(template))
        return path

    def packaged_template(self, stack: str) -> Path:
        """Write the template of a stack, with the uploaded code of its functions; return its path.

        For a built template, the SAM CLI compresses the functions again: 10 s of CPU time.
        """
        described = self.client("cloudformation").get_template(
            StackName=stack, TemplateStage="Original"
        )
        body = described["TemplateBody"]
        path = self.folder / "packaged.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body))
        return path

    def stack(self, name: str) -> Stack:
        """Return clients of a deployed stack."""
        described = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        outputs = {o["OutputKey"]: o["OutputValue"] for o in described["Outputs"]}
        address = Address(
            endpoint=self.endpoint,
            region=REGION,
            stack=name,
            originals_bucket=outputs["OriginalsBucketName"],
            processed_bucket=outputs["ProcessedBucketName"],
            site_bucket="",
            table=outputs["TableName"],
            queue_url=outputs["QueueUrl"],
            dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
            api_url=f"{self.endpoint}/_aws/execute-api/{outputs['ApiId']}/live",
            api_key="",
            gallery_url="",
            images_url="",
            aws_access_key_id=self.key.access_key_id,
            aws_secret_access_key=self.key.secret_access_key,
        )
        records = RecordsTable(self.client("dynamodb"), address.table)
        return Stack(address, self.client("s3"), self.client("sqs"), records)

    def status(self, name: str) -> str:
        """Return the stack's status in CloudFormation."""
        described = self.client("cloudformation").describe_stacks(StackName=name)
        return str(described["Stacks"][0]["StackStatus"])

    def resources_of(self, name: str) -> set[str]:
        """Return the short names of all resources that carry a stack's name."""
        names = [b["Name"] for b in self.client("s3").list_buckets()["Buckets"]]
        names += self.client("dynamodb").list_tables()["TableNames"]
        names += self.client("sqs").list_queues().get("QueueUrls", [])
        names += [f["FunctionName"] for f in self.client("lambda").list_functions()["Functions"]]
        names += [r["RoleName"] for r in self.client("iam").list_roles()["Roles"]]
        names += [g["logGroupName"] for g in self.client("logs").describe_log_groups()["logGroups"]]
        ours = (n.rpartition("/")[2] for n in names)
        return {n.split("-")[1] for n in ours if n.startswith(f"{name}-")}

    def client(self, service: str) -> Any:  # noqa: ANN401  # the type depends on the service
        """Return a client with the account owner's rights."""
        session = boto3.Session(
            self.key.access_key_id, self.key.secret_access_key, region_name=REGION
        )
        return session.client(service, endpoint_url=self.endpoint)  # type: ignore[call-overload]  # ditto

    def _run(self, *command: object, folder: Path = ROOT, **variables: str) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=self._environment() | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DeployFailed(done.stdout)
        self._set_concurrency_as_number()
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # credentials of the user's account, and variables of the make that runs the tests
        foreign = ("AWS_", "MAKE", "MFLAGS", "ARGS")
        ours = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        return ours | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.key.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            # seconds between two requests for the stack's status
            "SAM_CLI_POLL_DELAY": "0.5",
        }

    def _samconfig(self, stack: str, changed: dict[str, str]) -> Path:
        """Write a samconfig.toml with a stage `here` and return its path."""
        overrides = [f"{name}={value}" for name, value in (SETTINGS | changed).items()]
        path = self.folder / "samconfig.toml"
        path.write_text(
            "version = 0.1\n"
            "[default.build.parameters]\nbuild_in_source = true\n"
            "[here.deploy.parameters]\n"
            f'stack_name = "{stack}"\nresolve_s3 = true\ncapabilities = "CAPABILITY_IAM"\n'
            f"fail_on_empty_changeset = false\nparameter_overrides = {json.dumps(overrides)}\n"
        )
        return path

    def _set_concurrency_as_number(self) -> None:
        """Set MaximumConcurrency as a number; the embedded AWS fails on the text it has stored."""
        functions = self.client("lambda")
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": 2}
            )


class DeployFailed(Exception):
    """A command failed; the message is its output."""


def rendition_width(stack: Stack, rendition: str) -> int:
    """Return the width of a stored rendition, px."""
    with Image.open(BytesIO(stack.rendition(rendition))) as image:
        return image.width


def is_healthy(stack: Stack) -> bool:
    """Return whether the stack's API answers."""
    with urllib.request.urlopen(f"{stack.address.api_url}/health", timeout=30) as answer:  # noqa: S310  # loopback
        return bool(answer.status == 200)
