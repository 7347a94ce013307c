"""An import of existing resources into a stack of CloudFormation."""

from collections.abc import Sequence

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class KeptResource:
    """A resource to import; `identifier` is the property with its name."""

    kind: str
    logical_id: str
    identifier: str
    name: str


@dataclass(frozen=True, slots=True)
class Import:
    """A template of the resources to import, as JSON, and the resources."""

    template: str
    resources: Sequence[KeptResource]
