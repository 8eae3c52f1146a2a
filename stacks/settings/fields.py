"""What the sections of all settings files share: the base model, and texts of a certain form with words for them."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from stacks.settings.errors import Complaint
from stacks.settings.homes import SECRETS_FORM, STATE_FORM

COMPLAINTS = "homeport_complaints"


class Section(BaseModel):
    """A frozen part of a settings file; an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def refuse(*complaints: Complaint) -> NoReturn:
    """Ends a validator with these complaints, each of which becomes one Problem."""
    raise PydanticCustomError(COMPLAINTS, "see the complaints", {"complaints": complaints})


_NAME = r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"
_POOL = r"^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$"
_JURISDICTION = r"^[a-z][a-z0-9]{0,11}$"
_ACCOUNT = r"^[0-9]{12}$"
_DIGEST = r"^sha256:[0-9a-f]{64}$"
_DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
_VERSION = r"^1\.[1-9][0-9]$"
_ROLE = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+$"
_VPC = r"^vpc-[0-9a-f]{8,17}$"
_SUBNET = r"^subnet-[0-9a-f]{8,17}$"
_RESERVATION = r"^cr-[0-9a-f]{8,17}$"
_MACHINE = r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$"
_ENDPOINT = r"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$"
_REPOSITORY = r"^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$"
_REF = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$"
_PLACE = r"^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$"
_REGION = r"^(aws|gcp|kubernetes)-[a-z]([a-z0-9-]{0,22}[a-z0-9])?$"
_RECEIVER = (
    r"^([^\s@:/?#]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}|https://([A-Za-z0-9-]+\.)+[A-Za-z]{2,}(:[0-9]{1,5})?(/[^\s?#@]*)?)$"
)
_CRON = r"^(\S+ ){4}\S+$"
_FILE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
_NODE_TYPE = r"^cache\.[a-z0-9]+\.[a-z0-9]+$"

WORDS: Mapping[str, str] = {
    _NAME: "1 to 32 lower-case letters, digits and dashes, first a letter, last no dash",
    _POOL: "1 to 20 lower-case letters, digits and dashes, first a letter, last no dash",
    _JURISDICTION: "1 to 12 lower-case letters and digits, first a letter",
    _ACCOUNT: 'twelve digits in quotes, such as "123456789012"',
    _DIGEST: "sha256: and 64 hexadecimal digits",
    _DOMAIN: "a domain name in lower case, such as ml.example.com",
    _VERSION: 'a Kubernetes version in quotes, such as "1.35"',
    _ROLE: "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/admin",
    _VPC: "the id of a VPC, such as vpc-0123456789abcdef0",
    _SUBNET: "the id of a subnet, such as subnet-0123456789abcdef0",
    _RESERVATION: "the id of a capacity reservation, such as cr-0123456789abcdef0",
    _MACHINE: "an EC2 instance type, such as m6i.xlarge",
    _ENDPOINT: "the last part of an endpoint service's name, such as ecr.api",
    _REPOSITORY: "a repository as owner/name",
    _REF: "a name of letters, digits and . _ / -",
    _PLACE: "the name of a place, such as eu-west-1",
    _REGION: "CLOUD-PLACE with cloud aws, gcp or kubernetes, such as aws-eu-west-1",
    STATE_FORM: "file, or s3://BUCKET?region=REGION",
    SECRETS_FORM: "awskms://alias/NAME?region=REGION",
    _RECEIVER: "an email address, or an https:// address without user, query and fragment",
    _CRON: 'five fields of cron in quotes, such as "0 7 * * 1-5"',
    _FILE_NAME: "the name of a file in the same folder",
    _NODE_TYPE: "a node type of ElastiCache, such as cache.t4g.small",
    r"^https://[^\s?#]+$": "an https:// address without query and fragment",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "letters, digits and underscores, first no digit",
}
"""What a pattern means, for messages and for the reference page."""


def _form(pattern: str) -> StringConstraints:
    return StringConstraints(pattern=pattern)


ModelName = Annotated[str, _form(_NAME)]
PoolName = Annotated[str, _form(_POOL)]
JurisdictionName = Annotated[str, _form(_JURISDICTION)]
AccountId = Annotated[str, _form(_ACCOUNT)]
Digest = Annotated[str, _form(_DIGEST)]
DomainName = Annotated[str, _form(_DOMAIN)]
KubernetesVersion = Annotated[str, _form(_VERSION)]
RoleArn = Annotated[str, _form(_ROLE)]
VpcId = Annotated[str, _form(_VPC)]
SubnetId = Annotated[str, _form(_SUBNET)]
ReservationId = Annotated[str, _form(_RESERVATION)]
InstanceType = Annotated[str, _form(_MACHINE)]
EndpointService = Annotated[str, _form(_ENDPOINT)]
Repository = Annotated[str, _form(_REPOSITORY)]
GitRef = Annotated[str, _form(_REF)]
PlaceName = Annotated[str, _form(_PLACE)]
Zone = Literal["a", "b", "c", "d", "e", "f"]
"""The letter of one of a region's zones."""
RegionName = Annotated[str, _form(_REGION)]
StateUrl = Annotated[str, _form(STATE_FORM)]
SecretsUrl = Annotated[str, _form(SECRETS_FORM)]
Receiver = Annotated[str, _form(_RECEIVER)]
Cron = Annotated[str, _form(_CRON)]
FileName = Annotated[str, _form(_FILE_NAME)]
CacheNodeType = Annotated[str, _form(_NODE_TYPE)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Percent = Annotated[int, Field(ge=1, le=100)]

WIDEST_ACCESS = 8
"""A caller's range may hold a whole /8 at most: what is wider is the internet, whatever it is called."""


def _bounded(network: IPv4Network) -> IPv4Network:
    if network.prefixlen < WIDEST_ACCESS:
        allowed = f"IPv4 ranges of /{WIDEST_ACCESS} or narrower"
        refuse(Complaint("", str(network), allowed, "name the networks that need it; the whole internet is refused"))
    return network


_CIDR_SCHEMA = {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"}
Cidr = Annotated[IPv4Network, WithJsonSchema(_CIDR_SCHEMA), PlainSerializer(str)]
CallerCidr = Annotated[Cidr, AfterValidator(_bounded)]


class Range(Section):
    """A smallest and a largest number."""

    min: Annotated[int, Field(ge=0, le=1000, description="Never fewer.")]
    max: Annotated[int, Field(ge=1, le=1000, description="Never more.")]

    def model_post_init(self, _context: object, /) -> None:
        if self.min > self.max:
            refuse(Complaint("min", self.min, f"at most max, {self.max}", "lower min or raise max"))
