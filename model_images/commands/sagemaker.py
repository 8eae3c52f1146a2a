"""`sagemaker bases` and `sagemaker register`: a region's ready containers, and our image as a model package.

Imports the standard library alone, so that it runs in the environment that holds the sagemaker package and little else.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from model_images.registry.errors import InputError, RegistryError
from model_images.registry.reference import parse_reference
from model_images.registry.sagemaker_sdk import APPROVALS, Package, ready_containers, register


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the command's two subcommands."""
    below = parser.add_subparsers(dest="what", required=True, metavar="bases|register")
    bases = below.add_parser("bases", help="ready containers of a framework in a region")
    bases.add_argument("--framework", required=True, help="as the SDK names it: sklearn, xgboost, pytorch, ...")
    bases.add_argument("--region", required=True, help="for example eu-central-1")
    bases.add_argument("--scope", default="inference", help="inference (default), training, ...")
    bases.add_argument("--json", action="store_true", help="print one JSON document instead of lines")
    package = below.add_parser("register", help="register an image as a version of a model package group")
    package.add_argument("--image", required=True, help="HOST/REPOSITORY@sha256:... in the region's ECR")
    package.add_argument("--group", required=True, help="the model package group, for example fraud")
    package.add_argument("--region", required=True, help="the region of image and package")
    package.add_argument("--approval", choices=APPROVALS, default=APPROVALS[0], help="default: %(default)s")
    package.add_argument("--instance-type", action="append", default=[], help="allowed for endpoints, any number")
    package.add_argument("--commit", help="the source commit that the image was built from")
    package.add_argument("--description", help="for people")
    package.add_argument("--create-group", action="store_true", help="make the group first")
    package.add_argument("--json", action="store_true", help="print one JSON document instead of a line")


def run(arguments: argparse.Namespace) -> int:
    """2 for what was given wrong or is not installed, 1 where the service refuses."""
    try:
        return _bases(arguments) if arguments.what == "bases" else _register(arguments)
    except RegistryError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, InputError) else 1


def _bases(arguments: argparse.Namespace) -> int:
    found = ready_containers(arguments.framework, arguments.region, arguments.scope)
    if arguments.json:
        print(json.dumps([asdict(one) for one in found], indent=2, sort_keys=True))
        return 0
    for one in found:
        print(f"{one.version}  {one.python or '-'}  {one.processor}  {one.image}")
    return 0


def _register(arguments: argparse.Namespace) -> int:
    package = Package(
        image=parse_reference(arguments.image),
        group=arguments.group,
        region=arguments.region,
        approval=arguments.approval,
        instance_types=tuple(arguments.instance_type),
        commit=arguments.commit,
        description=arguments.description,
    )
    arn = register(package, create_group=arguments.create_group)
    print(json.dumps({"arn": arn, "image": str(package.image)}, sort_keys=True) if arguments.json else arn)
    return 0
