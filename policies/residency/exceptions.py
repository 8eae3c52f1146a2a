"""The lists of types that residency treats apart: those that hold no data, and those that ignore their provider's
region.

A type in no list must prove its place. DATA_FREE is also all that an account stack (jurisdiction `none`) may hold.
Each list follows one rule: names, grants, settings of an account, public records of DNS and public certificates are
not data; keys, secrets, logs, people's accounts and caches are. Tokens are those of pulumi_aws 7.51.1 and pulumi_gcp
10.2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


def _tokens(package: str, modules: Mapping[str, str]) -> frozenset[str]:
    """`{"iam": "Role"}` is `aws:iam/role:Role`: the file's part begins in lower case."""
    return frozenset(
        f"{package}:{module}/{name[0].lower()}{name[1:]}:{name}"
        for module, names in modules.items()
        for name in names.split()
    )


# Sources: aws-samples' list of services exempt from region denial (iam, route53, organizations, budgets, support
# ...); the 180 types of pulumi_aws 7.51.1 without a `region` argument; ACM (regional, but it publishes what it holds:
# certificates). Budgets and Cost Explorer are kept by AWS in us-east-1 and hold sums of money, names of stacks and who
# is told. Left out on purpose: access keys, login profiles, contacts (secrets and people), query logs (logs),
# CloudFront (caches).
_AWS = _tokens(
    "aws",
    {
        "account": "Region",
        "acm": "Certificate CertificateValidation",
        "budgets": "Budget BudgetAction",
        "costexplorer": "AnomalyMonitor AnomalySubscription CostAllocationTag CostCategory",
        "iam": "AccountAlias AccountPasswordPolicy Group GroupMembership GroupPoliciesExclusive GroupPolicy"
        " GroupPolicyAttachment GroupPolicyAttachmentsExclusive InstanceProfile OpenIdConnectProvider"
        " OrganizationsFeatures OutboundWebIdentityFederation Policy PolicyAttachment Role"
        " RolePoliciesExclusive RolePolicy RolePolicyAttachment RolePolicyAttachmentsExclusive SamlProvider"
        " SecurityTokenServicePreferences ServiceLinkedRole User UserGroupMembership UserPoliciesExclusive"
        " UserPolicy UserPolicyAttachment UserPolicyAttachmentsExclusive",
        "organizations": "AwsServiceAccess DelegatedAdministrator Organization OrganizationalUnit Policy"
        " PolicyAttachment ResourcePolicy Tag",
        "ram": "SharingWithOrganization",
        "route53": "CidrCollection CidrLocation DelegationSet HealthCheck HostedZoneDnsSec KeySigningKey Record"
        " RecordsExclusive TrafficPolicy VpcAssociationAuthorization Zone ZoneAssociation",
        "s3": "AccountPublicAccessBlock",
        "servicequotas": "AutoManagement ServiceQuota Template TemplateAssociation",
    },
)
# Sources: what constraint gcp.resourceLocations never touches (resources without a location); the arguments of
# pulumi_gcp 10.2.0, which give these types none. A global VPC network and its rules carry traffic and keep nothing.
_GCP = _tokens(
    "gcp",
    {
        "accesscontextmanager": "AccessLevel AccessLevelCondition AccessPolicy ServicePerimeter"
        " ServicePerimeterResource",
        "billing": "Budget ProjectInfo",
        "certificatemanager": "Certificate CertificateMap CertificateMapEntry DnsAuthorization",
        "compute": "Firewall GlobalAddress HealthCheck HttpHealthCheck HttpsHealthCheck ManagedSslCertificate Network"
        " Route SSLPolicy",
        "dns": "ManagedZone Policy RecordSet",
        "folder": "IAMBinding IAMMember IAMPolicy OrganizationPolicy",
        "iam": "DenyPolicy WorkloadIdentityPool WorkloadIdentityPoolProvider",
        "organizations": "Folder IAMBinding IAMCustomRole IAMMember IAMPolicy Policy Project",
        "orgpolicy": "CustomConstraint Policy",
        "projects": "IAMAuditConfig IAMBinding IAMCustomRole IAMMember IAMPolicy OrganizationPolicy Service"
        " ServiceIdentity",
        "serviceaccount": "Account IAMBinding IAMMember IAMPolicy",
    },
)
DATA_FREE = _AWS | _GCP

# Hold no data, but a field inside says where traffic goes: that field is judged all the same.
LEADS_TRAFFIC = frozenset({"aws:route53/record:Record"})


@dataclass(frozen=True, kw_only=True)
class OwnDefault:
    """A type that does not take its provider's region: the field that would give it a place, and where it lands
    without.

    `lands` None: in no one place. `field` None: nothing can give it one place. `refuses`: words of that field that
    give none.
    """

    field: tuple[str, ...] | None
    lands: str | None
    why: str
    refuses: frozenset[str] = frozenset()


# Sources: argument texts of pulumi_aws 7.51.1 and pulumi_gcp 10.2.0; Pub/Sub and Container Registry from the
# vendor's documentation of the default (read 2026-11-24).
IGNORES_PROVIDER: Mapping[str, OwnDefault] = {
    "aws:apigateway/domainName:DomainName": OwnDefault(
        field=("endpointConfiguration", "types"),
        lands=None,
        why="without REGIONAL or PRIVATE a domain name is served from every edge",
        refuses=frozenset({"EDGE"}),
    ),
    "aws:apigateway/restApi:RestApi": OwnDefault(
        field=("endpointConfiguration", "types"),
        lands=None,
        why="without REGIONAL or PRIVATE an API is served from every edge",
        refuses=frozenset({"EDGE"}),
    ),
    "aws:cloudfront/distribution:Distribution": OwnDefault(
        field=None, lands=None, why="a distribution caches at edges all over the world"
    ),
    "aws:route53/queryLog:QueryLog": OwnDefault(
        field=None, lands="us-east-1", why="query logs of a public zone are kept in us-east-1"
    ),
    **{
        f"gcp:bigquery/{name}": OwnDefault(field=("location",), lands="US", why="BigQuery's own default is US")
        for name in (
            "capacityCommitment:CapacityCommitment",
            "dataTransferConfig:DataTransferConfig",
            "dataset:Dataset",
            "job:Job",
            "reservation:Reservation",
        )
    },
    "gcp:cloudbuild/trigger:Trigger": OwnDefault(
        field=("location",), lands="global", why="the default location is global"
    ),
    "gcp:compute/image:Image": OwnDefault(
        field=("storageLocations",), lands=None, why="an image is stored in the nearest multi-region"
    ),
    "gcp:compute/machineImage:MachineImage": OwnDefault(
        field=None, lands=None, why="a machine image is stored in the nearest multi-region"
    ),
    "gcp:compute/snapshot:Snapshot": OwnDefault(
        field=("storageLocations",), lands=None, why="a snapshot is stored in the nearest multi-region"
    ),
    "gcp:container/registry:Registry": OwnDefault(
        field=("location",), lands="US", why="a registry's own default is US"
    ),
    "gcp:pubsub/topic:Topic": OwnDefault(
        field=("messageStoragePolicy", "allowedPersistenceRegions"),
        lands=None,
        why="a topic keeps messages near whoever publishes them",
    ),
    "gcp:secretmanager/secret:Secret": OwnDefault(
        field=("replication", "userManaged", "replicas"), lands=None, why="automatic replication is global"
    ),
    "gcp:spanner/instance:Instance": OwnDefault(
        field=("config",), lands=None, why="an instance lies where its config says"
    ),
}
