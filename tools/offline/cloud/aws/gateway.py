"""AWS in front of models: API Gateway's REST APIs, WAF, and network load balancers with what they lead to.

An object is here for the certificates of a model's callers.
"""

from __future__ import annotations

import hashlib

from tools.offline.cloud.kind import Asked, Kind
from tools.offline.cloud.templates import Words
from tools.offline.protocol.values import Properties

_API = "arn:{partition}:apigateway:{place}::"
_BALANCING = "arn:{partition}:elasticloadbalancing:{place}:{account}:"
_WAF = "arn:{partition}:wafv2:{place}:{account}:regional/"


def _short(asked: Asked) -> str:
    """Ten lower-case letters and digits, as API Gateway names what it makes."""
    return str(Words(asked)["hash"])[:10]


def _rest_api(asked: Asked) -> Properties:
    found = _short(asked)
    words = Words(asked)
    return {
        "id": found,
        "arn": f"{_API}/restapis/{found}".format_map(words),
        "executionArn": f"arn:{{partition}}:execute-api:{{place}}:{{account}}:{found}".format_map(words),
        "rootResourceId": str(words["hash_root"])[:10],
        "createdDate": "2026-01-01T00:00:00Z",
    }


def _named(collection: str) -> Kind:
    """Things of API Gateway that any number may share a name."""

    def compute(asked: Asked) -> Properties:
        found = _short(asked)
        return {"id": found, "arn": f"{_API}/{collection}/{found}".format_map(Words(asked))}

    return Kind(source=f"apigateway/{collection}.go", compute=compute)


def _object(asked: Asked) -> Properties:
    """In a bucket that keeps versions every content is another one."""
    content = hashlib.sha256(str(asked.inputs.get("content")).encode()).hexdigest()
    return {"versionId": content[:32], "etag": content[32:]}


def _listener(asked: Asked) -> Properties:
    """Its ARN is its balancer's with an id of its own."""
    arn = str(asked.inputs.get("loadBalancerArn")).replace(":loadbalancer/", ":listener/")
    arn = f"{arn}/{str(Words(asked)['hash'])[:16]}"
    return {"id": arn, "arn": arn}


KINDS: dict[str, Kind] = {
    "aws:apigateway/account:Account": Kind(
        source="apigateway/account.go", id="api-gateway-account", imported_as="api-gateway-account"
    ),
    "aws:apigateway/restApi:RestApi": Kind(source="apigateway/rest_api.go", compute=_rest_api),
    "aws:apigateway/deployment:Deployment": Kind(
        source="apigateway/deployment.go",
        replaces=("restApi", "triggers", "variables"),
        compute=lambda asked: {"id": _short(asked)},
        outputs={"createdDate": "2026-01-01T00:00:00Z"},
    ),
    "aws:apigateway/stage:Stage": Kind(
        source="apigateway/stage.go",
        replaces=("restApi", "stageName"),
        id="ags-{input[restApi]}-{input[stageName]}",
        imported_as="{restApi}/{stageName}",
        arn=_API + "/restapis/{input[restApi]}/stages/{input[stageName]}",
        outputs={
            "executionArn": "arn:{partition}:execute-api:{place}:{account}:{input[restApi]}/{input[stageName]}",
            "invokeUrl": "https://{input[restApi]}.execute-api.{place}.{dns}/{input[stageName]}",
        },
        identity=("restApi", "stageName"),
    ),
    "aws:apigateway/methodSettings:MethodSettings": Kind(
        source="apigateway/method_settings.go",
        replaces=("methodPath", "restApi", "stageName"),
        id="{input[restApi]}-{input[stageName]}-{input[methodPath]}",
        imported_as="{restApi}/{stageName}/{methodPath}",
        identity=("restApi", "stageName", "methodPath"),
    ),
    "aws:apigateway/usagePlan:UsagePlan": _named("usageplans"),
    "aws:apigateway/apiKey:ApiKey": Kind(
        source="apigateway/api_key.go",
        replaces=("name", "value"),
        compute=lambda asked: {"id": _short(asked), "arn": f"{_API}/apikeys/{_short(asked)}".format_map(Words(asked))},
    ),
    "aws:apigateway/usagePlanKey:UsagePlanKey": Kind(
        source="apigateway/usage_plan_key.go",
        replaces=("keyId", "keyType", "usagePlanId"),
        id="{input[keyId]}",
        imported_as="{usagePlanId}/{keyId}",
        identity=("keyId", "usagePlanId"),
    ),
    "aws:apigateway/domainName:DomainName": Kind(
        source="apigateway/domain_name.go",
        replaces=("certificateBody", "certificateChain", "certificatePrivateKey", "domainName"),
        id="{input[domainName]}",
        arn=_API + "/domainnames/{input[domainName]}",
        outputs={
            "regionalDomainName": "d-{hash}.execute-api.{place}.{dns}",
            "regionalZoneId": "Z{capitals_gateway}",
        },
        identity=("domainName",),
    ),
    "aws:apigateway/basePathMapping:BasePathMapping": Kind(
        source="apigateway/base_path_mapping.go",
        replaces=("domainName", "domainNameId"),
        id="{input[domainName]}/",
        identity=("domainName", "basePath"),
    ),
    "aws:apigateway/vpcLink:VpcLink": Kind(
        source="apigateway/vpc_link.go",
        replaces=("targetArn",),
        compute=lambda asked: {"id": _short(asked), "arn": f"{_API}/vpclinks/{_short(asked)}".format_map(Words(asked))},
    ),
    "aws:wafv2/webAcl:WebAcl": Kind(
        source="wafv2/web_acl.go",
        replaces=("name", "namePrefix", "scope"),
        id="{uuid}",
        arn=_WAF + "webacl/{input[name]}/{uuid}",
        outputs={"capacity": 927, "lockToken": "{uuid_lock}"},
        identity=("name", "scope"),
        named="name",
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Kind(
        source="wafv2/web_acl_association.go",
        replaces=("resourceArn", "webAclArn"),
        id="{input[webAclArn]},{input[resourceArn]}",
        imported_as="{webAclArn},{resourceArn}",
        identity=("resourceArn",),
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Kind(
        source="wafv2/web_acl_logging_configuration.go",
        replaces=("resourceArn",),
        id="{input[resourceArn]}",
        identity=("resourceArn",),
    ),
    "aws:lb/loadBalancer:LoadBalancer": Kind(
        source="elbv2/load_balancer.go",
        replaces=("customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"),
        id=_BALANCING + "loadbalancer/net/{input[name]}/{hex}",
        arn="{id}",
        outputs={
            "arnSuffix": "net/{input[name]}/{hex}",
            "dnsName": "{input[name]}-{hex}.elb.{place}.{dns}",
            "zoneId": "Z{capitals_balancing}",
        },
        identity=("name",),
        named="name",
    ),
    "aws:lb/targetGroup:TargetGroup": Kind(
        source="elbv2/target_group.go",
        replaces=(
            "ipAddressType",
            "name",
            "namePrefix",
            "port",
            "protocol",
            "protocolVersion",
            "targetControlPort",
            "targetType",
            "vpcId",
        ),
        id=_BALANCING + "targetgroup/{input[name]}/{hex}",
        arn="{id}",
        outputs={"arnSuffix": "targetgroup/{input[name]}/{hex}"},
        identity=("name",),
        named="name",
    ),
    "aws:lb/listener:Listener": Kind(
        source="elbv2/listener.go",
        replaces=("loadBalancerArn",),
        compute=_listener,
        identity=("loadBalancerArn", "port"),
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Kind(
        source="s3/object.go",
        replaces=("bucket", "key"),
        id="{input[bucket]}/{input[key]}",
        arn="arn:{partition}:s3:::{input[bucket]}/{input[key]}",
        compute=_object,
        identity=("bucket", "key"),
    ),
    "aws:autoscaling/attachment:Attachment": Kind(
        source="autoscaling/attachment.go",
        replaces=("autoscalingGroupName", "elb", "lbTargetGroupArn"),
        id="{input[autoscalingGroupName]}-{digits}",
        identity=("autoscalingGroupName", "lbTargetGroupArn"),
    ),
}
