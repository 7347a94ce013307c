# ruff: noqa: INP001 - scripts, not a package
"""Make a stack of the buckets and the table that a deleted stack has left behind.

import_kept.py TEMPLATE SAMCONFIG STAGE LOGICAL_ID=NAME...

The stack gets the name of the stage. Then `make deploy` adds all other resources, and sets the
properties of these. `imagemill deploy --import` does both.
"""

import sys
from pathlib import Path

import boto3

from imagemill.aws.stacks import CloudFormationStacks
from imagemill.aws.table_indexes import indexes_of
from imagemill.errors import SetupFailed
from imagemill.local.template import load_template
from imagemill.operations.import_kept import plan_import
from imagemill.operations.stages import deploy_options


def main(template: str, samconfig: str, stage: str, *pairs: str) -> None:
    """Import the resources into the stack of a stage."""
    options = deploy_options(Path(samconfig).read_text(), stage)
    if "stack_name" not in options:
        raise ValueError(f"{samconfig} has no stage {stage!r} with a stack_name")
    names = dict(pair.split("=", 1) for pair in pairs)
    session = boto3.Session(profile_name=options.get("profile"), region_name=options.get("region"))
    indexes = indexes_of(session.client("dynamodb"), names.get("RecordsTable", ""))
    planned = plan_import(load_template(Path(template)), names, indexes)
    stacks = CloudFormationStacks(session.client("cloudformation"))
    stacks.import_kept(options["stack_name"], planned)
    print(f"imported {', '.join(names)} into {options['stack_name']}; now run make deploy")  # noqa: T201 - the output of a command


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (OSError, ValueError, SetupFailed) as fault:
        sys.exit(str(fault))
