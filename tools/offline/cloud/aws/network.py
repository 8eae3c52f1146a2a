"""AWS networks: VPC, subnets, gateways, routes, security groups, endpoints, flow logs, launch templates."""

from __future__ import annotations

from tools.offline.cloud.kind import Kind

_ARN = "arn:{partition}:ec2:{place}:{account}:"
_RULE_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _rule(direction: str) -> Kind:
    """Rules in and out of a security group differ in nothing but their direction."""
    return Kind(
        source=f"ec2/vpc_security_group_{direction}_rule.go",
        replaces=("securityGroupId",),
        replaces_removed=_RULE_SOURCES,  # another kind of source is another rule
        id="sgr-{hex}",
        arn=_ARN + "security-group-rule/{id}",
        outputs={"securityGroupRuleId": "{id}"},
        identity=("securityGroupId", "ipProtocol", "fromPort", "toPort", *_RULE_SOURCES),
    )


KINDS: dict[str, Kind] = {
    "aws:ec2/vpc:Vpc": Kind(
        source="ec2/vpc_.go",
        replaces=("cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"),
        id="vpc-{hex}",
        arn=_ARN + "vpc/{id}",
        outputs={
            "mainRouteTableId": "rtb-{hex_main}",
            "defaultRouteTableId": "rtb-{hex_main}",
            "defaultNetworkAclId": "acl-{hex_acl}",
            "defaultSecurityGroupId": "sg-{hex_sg}",
            "dhcpOptionsId": "dopt-{hex_dhcp}",
        },
    ),
    "aws:ec2/subnet:Subnet": Kind(
        source="ec2/vpc_subnet.go",
        replaces=(
            "availabilityZone",
            "availabilityZoneId",
            "cidrBlock",
            "ipv4IpamPoolId",
            "ipv4NetmaskLength",
            "ipv6IpamPoolId",
            "ipv6Native",
            "ipv6NetmaskLength",
            "outpostArn",
            "vpcId",
        ),
        id="subnet-{hex}",
        arn=_ARN + "subnet/{id}",
        identity=("vpcId", "cidrBlock"),
    ),
    "aws:ec2/internetGateway:InternetGateway": Kind(
        source="ec2/vpc_internet_gateway.go", id="igw-{hex}", arn=_ARN + "internet-gateway/{id}"
    ),
    "aws:ec2/natGateway:NatGateway": Kind(
        source="ec2/vpc_nat_gateway.go",
        replaces=(
            "allocationId",
            "availabilityMode",
            "connectivityType",
            "privateIp",
            "secondaryPrivateIpAddressCount",
            "subnetId",
            "vpcId",
        ),
        id="nat-{hex}",
        outputs={
            "associationId": "eipassoc-{hex_assoc}",
            "networkInterfaceId": "eni-{hex_eni}",
            "publicIp": "{ip}",
        },
    ),
    "aws:ec2/eip:Eip": Kind(
        source="ec2/ec2_eip.go",
        replaces=(
            "address",
            "customerOwnedIpv4Pool",
            "domain",
            "ipamPoolId",
            "networkBorderGroup",
            "publicIpv4Pool",
        ),
        id="eipalloc-{hex}",
        arn=_ARN + "elastic-ip/{id}",
        outputs={"allocationId": "{id}", "publicIp": "{ip}", "publicDns": "ec2-{digits}.{region}.compute.{dns}"},
    ),
    "aws:ec2/routeTable:RouteTable": Kind(
        source="ec2/vpc_route_table.go", replaces=("vpcId",), id="rtb-{hex}", arn=_ARN + "route-table/{id}"
    ),
    "aws:ec2/route:Route": Kind(
        source="ec2/vpc_route.go",
        replaces=("destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId", "routeTableId"),
        id="r-{input[routeTableId]}{digits}",
        imported_as="{routeTableId}_{destinationCidrBlock}",
        outputs={"origin": "CreateRoute", "state": "active"},
        identity=("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"),
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Kind(
        source="ec2/vpc_route_table_association.go",
        replaces=("gatewayId", "subnetId"),
        id="rtbassoc-{hex}",
        imported_as="{subnetId}/{routeTableId}",
        identity=("subnetId", "gatewayId"),
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Kind(
        source="ec2/vpc_endpoint.go",
        replaces=(
            "resourceConfigurationArn",
            "serviceName",
            "serviceNetworkArn",
            "serviceRegion",
            "vpcEndpointType",
            "vpcId",
        ),
        id="vpce-{hex}",
        arn=_ARN + "vpc-endpoint/{id}",
        outputs={
            "prefixListId": "pl-{hex_prefix}",
            "networkInterfaceIds": ["eni-{hex_eni}"],
            "dnsEntries": [{"dnsName": "{id}-{digits}.{region}.vpce.{dns}", "hostedZoneId": "Z{capitals}"}],
            "state": "available",
        },
    ),
    "aws:ec2/flowLog:FlowLog": Kind(
        source="ec2/vpc_flow_log.go",
        replaces=(
            "deliverCrossAccountRole",
            "destinationOptions",
            "eniId",
            "iamRoleArn",
            "logDestination",
            "logDestinationType",
            "logFormat",
            "maxAggregationInterval",
            "subnetId",
            "trafficType",
            "transitGatewayAttachmentId",
            "transitGatewayId",
            "vpcId",
        ),
        id="fl-{hex}",
        arn=_ARN + "vpc-flow-log/{id}",
        identity=("eniId", "subnetId", "transitGatewayId", "vpcId", "logDestination", "trafficType"),
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Kind(
        source="ec2/vpc_default_security_group.go",
        replaces=("vpcId",),
        id="sg-{hex}",
        arn=_ARN + "security-group/{id}",
        outputs={"name": "default", "description": "default VPC security group"},
        identity=("vpcId",),
    ),
    "aws:ec2/securityGroup:SecurityGroup": Kind(
        source="ec2/vpc_security_group.go",
        replaces=("description", "name", "namePrefix", "vpcId"),
        id="sg-{hex}",
        arn=_ARN + "security-group/{id}",
        identity=("vpcId", "name"),
        named="name",
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule("ingress"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule("egress"),
    "aws:ec2/launchTemplate:LaunchTemplate": Kind(
        source="ec2/ec2_launch_template.go",
        replaces=("name", "namePrefix"),
        id="lt-{hex}",
        arn=_ARN + "launch-template/{id}",
        counted=("latestVersion",),
        outputs={"defaultVersion": 1},
        identity=("name",),
        named="name",
    ),
    "aws:ec2/placementGroup:PlacementGroup": Kind(
        source="ec2/ec2_placement_group.go",
        replaces=("name", "partitionCount", "spreadLevel", "strategy"),
        id="{input[name]}",
        arn=_ARN + "placement-group/{id}",
        outputs={"placementGroupId": "pg-{hex}"},
        identity=("name",),
        named="name",
    ),
}
