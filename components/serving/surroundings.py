"""What a model's container is told, and what it may reach."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Network, NetmaskValueError

import pulumi

HTTPS_PORT = 443

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WHOLE_NAMES = ("DRAIN_DELAY_S", "HOME", "MODEL_DIR", "PATH", "REQUEST_TIMEOUT_S", "SAGEMAKER_BIND_TO_PORT")
_BEGINNINGS = ("AIP_", "AWS_CONTAINER_", "AWS_LAMBDA_", "KUBERNETES_", "PYTHON")


@dataclass(frozen=True, kw_only=True)
class Reach:
    """One network that the model may call, on one TCP port. The whole internet only on 443, where TLS says who answers.

    For a service whose addresses change, such as those of a cloud: its role and the network's endpoints decide what a
    call may do.
    """

    cidr: pulumi.Input[str]
    port: int

    def __post_init__(self) -> None:
        check_cidr("reaches.cidr", self.cidr, smallest_prefix=0 if self.port == HTTPS_PORT else 8)
        if not 1 <= self.port <= 65535:
            raise ValueError(f"reaches.port: got {self.port}; allowed: 1 to 65535")


def check_cidr(name: str, cidr: pulumi.Input[str], *, smallest_prefix: int) -> None:
    """Refuses what is no IPv4 network, or too large a one. A network that another resource names is not known yet."""
    if not isinstance(cidr, str):
        return
    try:
        network = IPv4Network(cidr)
    except (AddressValueError, NetmaskValueError, ValueError) as error:
        raise ValueError(f"{name}: got {cidr!r}; allowed: an IPv4 network such as 10.0.0.0/16") from error
    if network.prefixlen < smallest_prefix:
        raise ValueError(f"{name}: got {cidr}; allowed: /{smallest_prefix} or smaller")


def check_environment(environment: Mapping[str, pulumi.Input[str]]) -> None:
    """Refuses names that the image, the pod or the cloud's agent sets.

    `DRAIN_DELAY_S` and `REQUEST_TIMEOUT_S` among them: the pod's grace period is made for their defaults.
    """
    for name in sorted(environment):
        if not _NAME.fullmatch(name):
            raise ValueError(f"environment: got {name!r}; allowed: letters, digits and _, no digit first")
        if name in _WHOLE_NAMES or name.startswith(_BEGINNINGS):
            beginnings = ", ".join(f"{beginning}*" for beginning in _BEGINNINGS)
            raise ValueError(
                f"environment: got {name}, which is set already; allowed: any name but {', '.join(_WHOLE_NAMES)}, "
                f"{beginnings}"
            )


def literal(value: pulumi.Input[str]) -> pulumi.Input[str]:
    """The value as the container is to see it: Kubernetes would expand `$(NAME)` in it."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    return pulumi.Output.from_input(value).apply(lambda text: text.replace("$", "$$"))
