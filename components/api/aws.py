"""The API of one model in one AWS region: a REST API with its guards, in front of whichever target serves the model.

A REST API, since only that has keys with plans of use, checks of requests and a web access list. REGIONAL: an edge
endpoint would end TLS and keep answers anywhere in the world. Without mutual TLS its own host stays open beside the
public name, under the same guards: the front door asks there for health, which it could not at a name that every region
shares. With mutual TLS that host is closed, since it would ask for no certificate.

Owns the API, its callers' keys, the judge of their tokens and its public name. Owns neither the target nor who notices
that it fails, and keeps no payload: the access log says who called, when, and what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from components.api.aws_access_log import access_log_format
from components.api.aws_authorizer import AwsAuthorizer, AwsAuthorizerArgs, Tokens
from components.api.aws_callers import AwsCallers, AwsCallersArgs, Rate
from components.api.aws_definition import (
    ACCESS_MODE,
    HEALTH_PATH,
    MUTUAL_TLS_POLICY,
    STAGE,
    TLS_POLICY,
    ApiShape,
    as_text,
    definition,
    digest,
)
from components.api.aws_integrations import Known
from components.api.aws_public_name import AwsPublicName, AwsPublicNameArgs
from components.api.aws_rights import CalledFunction, CallerPlace, endpoint_caller, may_call
from components.api.aws_schema import Schema, check_schema
from components.api.aws_stage import StageArgs, methods, stage
from components.api.aws_trust_store import AwsTrustStore, AwsTrustStoreArgs, check_authorities
from components.api.targets import EndpointTarget, FunctionTarget, LinkTarget, Target, largest_body_mb
from components.api.types import ApiOutputs
from components.labels import Labels
from components.naming import aws_partition, physical_name

LONGEST_WAIT_MS = 29_000
_SHORTEST_WAIT_MS = 50


@dataclass(frozen=True, kw_only=True)
class AwsApiArgs:
    """Who may call: from `networks` (none: from anywhere), with a key of `keys` (by caller, secrets), with one of
    `tokens`, with a certificate of `authorities` (PEM); each that is given is asked for.

    `rate` and `quota_per_day` hold for each key; without keys `rate` holds for all calls together. `host`: the public
    name. `body_mb`: the largest body that callers will send, if that is known.
    """

    stack: str
    model: str
    account: str
    region: str
    host: str
    target: Target
    certificate_arn: pulumi.Input[str]
    web_acl_arn: pulumi.Input[str]
    access_logs_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    permissions_boundary_arn: str
    labels: Labels
    networks: tuple[IPv4Network, ...] = ()
    keys: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    tokens: Tokens | None = None
    authorities: str | None = None
    rate: Rate | None = None
    quota_per_day: int | None = None
    request_schema: Schema | None = None
    timeout_ms: int = LONGEST_WAIT_MS
    body_mb: int | None = None
    protect_logs: bool = False

    def __post_init__(self) -> None:
        if not (self.networks or self.keys or self.tokens or self.authorities):
            raise ValueError("networks: got none, and no keys, tokens or authorities; allowed: one of the four or more")
        if self.quota_per_day is not None and not self.keys:
            raise ValueError(f"quota_per_day: got {self.quota_per_day} without keys; allowed: a quota for each key")
        if not _SHORTEST_WAIT_MS <= self.timeout_ms <= LONGEST_WAIT_MS:
            raise ValueError(
                f"timeout_ms: got {self.timeout_ms}; allowed: {_SHORTEST_WAIT_MS} to {LONGEST_WAIT_MS}, "
                "all that API Gateway waits. A model that takes longer: serve it with mode: async"
            )
        largest = largest_body_mb(self.target)
        if self.body_mb is not None and not 0 < self.body_mb <= largest:
            raise ValueError(
                f"body_mb: got {self.body_mb}; allowed: 1 to {largest} through an API to this target. "
                "Larger bodies: serve it with mode: async, which takes the name of an object"
            )
        if self.authorities is not None:
            check_authorities(self.authorities)
        if self.request_schema is not None:
            check_schema(self.request_schema)


class AwsApi(pulumi.ComponentResource):
    """`outputs` are known once calls get through."""

    outputs: ApiOutputs

    def __init__(self, name: str, args: AwsApiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("homeport:api:AwsApi", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self._tags = args.labels.model_tags(args.model)
        self._rights: list[pulumi.Resource] = []
        authorizer = self._authorizer()
        text = self._definition(authorizer)
        api = self._api(text)
        self._permissions(api, authorizer)
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment", rest_api=api.id, triggers={"definition": text.apply(digest)}, opts=self._child
        )
        served = self._stage(api, deployment)
        self._callers(api, served)
        public = self._public_name(api, served)
        self.outputs = self._outputs(api, served, public)
        self.register_outputs(vars(self.outputs))

    def _authorizer(self) -> AwsAuthorizer | None:
        args = self._args
        if args.tokens is None:
            return None
        wanted = AwsAuthorizerArgs(
            stack=args.stack,
            model=args.model,
            account=args.account,
            region=args.region,
            tokens=args.tokens,
            logs_key_arn=args.logs_key_arn,
            permissions_boundary_arn=args.permissions_boundary_arn,
            protect_logs=args.protect_logs,
        )
        return AwsAuthorizer(f"{self._name}-authorizer", wanted, self._child)

    def _definition(self, authorizer: AwsAuthorizer | None) -> pulumi.Output[str]:
        args = self._args
        shape = ApiShape(
            name=api_name(args.stack, args.model),
            region=args.region,
            target=args.target,
            timeout_ms=args.timeout_ms,
            networks=args.networks,
            api_keys=bool(args.keys),
            mutual_tls=args.authorities is not None,
            request_schema=args.request_schema,
        )

        def write(known: list[str | None]) -> str:
            return as_text(definition(shape, Known(reached=str(known[0]), authorizer=known[1])))

        judged_at = authorizer.invoke_arn if authorizer else None
        return pulumi.Output.all(self._reached(), judged_at).apply(write)

    def _reached(self) -> pulumi.Output[str]:
        """What the definition names of the target; for an endpoint the role by which it is called."""
        args, target = self._args, self._args.target
        match target:
            case LinkTarget():
                return pulumi.Output.from_input(target.link_id)
            case FunctionTarget():
                return pulumi.Output.from_input(target.alias_arn)
            case EndpointTarget():
                place = CallerPlace(
                    stack=args.stack,
                    model=args.model,
                    account=args.account,
                    region=args.region,
                    permissions_boundary_arn=args.permissions_boundary_arn,
                )
                role = endpoint_caller(f"{self._name}-caller", place, target, self._child)
                self._rights.append(role.rights)
                return role.arn

    def _api(self, text: pulumi.Output[str]) -> aws.apigateway.RestApi:
        mutual = self._args.authorities is not None
        return aws.apigateway.RestApi(
            f"{self._name}-api",
            name=api_name(self._args.stack, self._args.model),
            body=text,
            fail_on_warnings=True,
            put_rest_api_mode="overwrite",
            endpoint_configuration=aws.apigateway.RestApiEndpointConfigurationArgs(types="REGIONAL"),
            security_policy=MUTUAL_TLS_POLICY if mutual else TLS_POLICY,
            endpoint_access_mode=None if mutual else ACCESS_MODE,
            disable_execute_api_endpoint=mutual,
            tags=self._tags,
            opts=self._child,
        )

    def _permissions(self, api: aws.apigateway.RestApi, authorizer: AwsAuthorizer | None) -> None:
        """Functions say themselves who may call them: this API, and no other."""
        target = self._args.target
        if isinstance(target, FunctionTarget):
            called = CalledFunction(name=target.function_name, alias=target.alias_name, by=f"{STAGE}/*")
            self._rights.append(may_call(f"{self._name}-function", called, api.execution_arn, self._child))
        if authorizer is not None:
            called = CalledFunction(name=authorizer.function_name, alias=None, by="authorizers/*")
            self._rights.append(may_call(f"{self._name}-judge", called, api.execution_arn, self._child))

    def _stage(self, api: aws.apigateway.RestApi, deployment: aws.apigateway.Deployment) -> aws.apigateway.Stage:
        """Takes calls once the rights stand, and the web access list turns away from the start of its use."""
        args = self._args
        opts = pulumi.ResourceOptions(parent=self, depends_on=self._rights)
        wanted = StageArgs(
            api_id=api.id,
            deployment_id=deployment.id,
            target=args.target,
            access_logs_arn=args.access_logs_arn,
            log_format=access_log_format(),
            tags=self._tags,
        )
        served = stage(f"{self._name}-{STAGE}", wanted, opts)
        guarded = aws.wafv2.WebAclAssociation(
            f"{self._name}-web", resource_arn=served.arn, web_acl_arn=args.web_acl_arn, opts=self._child
        )
        rate = None if args.keys else args.rate
        settings = methods(self._name, api.id, served.stage_name, rate, self._child)
        self._guards = (guarded, *settings)
        return served

    def _callers(self, api: aws.apigateway.RestApi, served: aws.apigateway.Stage) -> None:
        args = self._args
        if not args.keys:
            return
        wanted = AwsCallersArgs(
            stack=args.stack,
            model=args.model,
            api_id=api.id,
            stage=served.stage_name,
            keys=args.keys,
            rate=args.rate,
            quota_per_day=args.quota_per_day,
            tags=self._tags,
        )
        AwsCallers(f"{self._name}-callers", wanted, self._child)

    def _public_name(self, api: aws.apigateway.RestApi, served: aws.apigateway.Stage) -> AwsPublicName:
        """Leads to the API only once all that guards it stands."""
        args = self._args
        trust = None
        if args.authorities is not None:
            store = AwsTrustStoreArgs(
                stack=args.stack,
                model=args.model,
                account=args.account,
                region=args.region,
                authorities=args.authorities,
            )
            trust = AwsTrustStore(f"{self._name}-trust", store, self._child)
        wanted = AwsPublicNameArgs(
            host=args.host,
            certificate_arn=args.certificate_arn,
            api_id=api.id,
            stage=served.stage_name,
            trust=trust,
            after=self._guards,
        )
        return AwsPublicName(f"{self._name}-public", wanted, self._child)

    def _outputs(self, api: aws.apigateway.RestApi, served: aws.apigateway.Stage, public: AwsPublicName) -> ApiOutputs:
        args = self._args
        mutual = args.authorities is not None
        own_host = f".execute-api.{args.region}.{aws_partition(args.region).dns_suffix}"
        return ApiOutputs(
            hostname=public.hostname,
            health_host=public.hostname if mutual else pulumi.Output.concat(api.id, own_host),
            health_path="" if mutual else f"/{STAGE}{HEALTH_PATH}",
            name=api_name(args.stack, args.model),
            stage=STAGE,
            arn=served.arn,
        )


def api_name(stack: str, model: str) -> str:
    """What CloudWatch calls the API; `stack` is the models stack."""
    return physical_name(stack, model, longest=64)
