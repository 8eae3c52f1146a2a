"""Where Route 53's health checkers call from: who limits callers by address must let these in.

Without them every check of a limited endpoint fails, and Route 53, which fails open, then answers as though all of
its regions were healthy: failover is off and nothing says so.
"""

from __future__ import annotations

from ipaddress import IPv4Network

# The IPv4 ranges of service ROUTE53_HEALTHCHECKS in https://ip-ranges.amazonaws.com/ip-ranges.json, without those of
# the separate AWS China. From knowledge, not read again (2026-11-24); the last addition known to us is 15.177.0.0/18
# (announced March 2019).
ROUTE53_HEALTH_CHECKERS: tuple[IPv4Network, ...] = tuple(
    IPv4Network(cidr)
    for cidr in (
        "15.177.0.0/18",  # all regions
        "54.183.255.128/26",  # us-west-1
        "54.228.16.0/26",  # eu-west-1
        "54.232.40.64/26",  # sa-east-1
        "54.241.32.64/26",  # us-west-1
        "54.243.31.192/26",  # us-east-1
        "54.244.52.192/26",  # us-west-2
        "54.245.168.0/26",  # us-west-2
        "54.248.220.0/26",  # ap-northeast-1
        "54.250.253.192/26",  # ap-northeast-1
        "54.251.31.128/26",  # ap-southeast-1
        "54.252.79.128/26",  # ap-southeast-2
        "54.252.254.192/26",  # ap-southeast-2
        "54.255.254.192/26",  # ap-southeast-1
        "107.23.255.0/26",  # us-east-1
        "176.34.159.192/26",  # eu-west-1
        "177.71.207.128/26",  # sa-east-1
    )
)
