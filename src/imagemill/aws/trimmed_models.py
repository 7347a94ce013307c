"""botocore's data, reduced to the operations that ApiImageUploadFunction calls.

botocore loads megabytes of JSON before its first request, most of it about other operations.
`models.json` contains the rest; `deploy/trim_botocore.py` writes it for one version of botocore.
With another version, botocore loads its own data.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import botocore
from botocore.exceptions import DataNotFoundError, UnknownServiceError
from botocore.loaders import Loader
from botocore.session import Session

Models = Mapping[str, Any]


def trimmed_session() -> Session:
    """Return a session that makes clients of the services in `models.json` quickly."""
    session = Session()
    models = _shipped()
    if models["botocore"] == botocore.__version__:
        session.register_component("data_loader", TrimmedLoader(models))
    return session


class TrimmedLoader(Loader):
    """Loads data from models in memory; knows no other data."""

    def __init__(self, models: Models) -> None:
        super().__init__()
        self._models = models

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services that have data of a type."""
        services = self._models["services"].items()
        return [name for name, known in services if type_name in known["data"]]

    def list_api_versions(self, service_name: str, type_name: str) -> list[str]:
        """Return the one API version of a service; raises UnknownServiceError."""
        return [self.determine_latest_version(service_name, type_name)]

    def determine_latest_version(self, service_name: str, type_name: str) -> str:
        """Return the API version of a service; raises UnknownServiceError."""
        version: str = self._service(service_name, type_name)["version"]
        return version

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:  # noqa: ANN401  # as botocore's
        """Return data about a service.

        Raises UnknownServiceError for an unknown service and DataNotFoundError for unknown data.
        """
        del api_version
        service = self._service(service_name, type_name)
        if type_name not in service["data"]:
            raise DataNotFoundError(data_path=f"{service_name}/{type_name}")
        return service["data"][type_name]

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Return data about all services, and the name of its file; raises DataNotFoundError."""
        if name not in self._models["data"]:
            raise DataNotFoundError(data_path=name)
        return self._models["data"][name], "models.json"

    def load_data(self, name: str) -> Any:  # noqa: ANN401  # as botocore's
        """Return data about all services; raises DataNotFoundError for unknown data."""
        return self.load_data_with_path(name)[0]

    def _service(self, name: str, type_name: str) -> Any:  # noqa: ANN401  # botocore's JSON
        services = self._models["services"]
        if name not in services:
            known = ", ".join(self.list_available_services(type_name))
            raise UnknownServiceError(service_name=name, known_service_names=known)
        return services[name]


@cache
def _shipped() -> Models:
    models: Models = json.loads(files(__package__).joinpath("models.json").read_bytes())
    return models
