"""What botocore must know of the services that ApiImageUploadFunction calls, and no more.

botocore reads megabytes of JSON before its first request, most of it about operations that nobody
here calls. `models.json` is what is left without those. It belongs to one version of botocore; with
another one, botocore reads its own.
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


def lean_session() -> Session:
    """Return a session that is quick to make clients of the services in `models.json`."""
    session = Session()
    models = _shipped()
    if models["botocore"] == botocore.__version__:
        session.register_component("data_loader", LeanLoader(models))
    return session


class LeanLoader(Loader):
    """Loads from models that were read before, and has never heard of anything else."""

    def __init__(self, models: Models) -> None:
        super().__init__()
        self._models = models

    def list_available_services(self, type_name: str) -> list[str]:
        """Return the services whose data of a type is known."""
        services = self._models["services"].items()
        return [name for name, known in services if type_name in known["data"]]

    def list_api_versions(self, service_name: str, type_name: str) -> list[str]:
        """Return the one API version of a service; raises DataNotFoundError for an unknown one."""
        return [self.determine_latest_version(service_name, type_name)]

    def determine_latest_version(self, service_name: str, type_name: str) -> str:
        """Return the API version of a service; raises DataNotFoundError for an unknown one."""
        version: str = self._service(service_name, type_name)["version"]
        return version

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Any:  # noqa: ANN401  # as the one it stands for
        """Return data about a service.

        Raises UnknownServiceError for an unknown service and DataNotFoundError for unknown data.
        """
        del api_version
        service = self._service(service_name, type_name)
        if type_name not in service["data"]:
            raise DataNotFoundError(data_path=f"{service_name}/{type_name}")
        return service["data"][type_name]

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Return data about all services, and where it is from."""
        if name not in self._models["data"]:
            raise DataNotFoundError(data_path=name)
        return self._models["data"][name], "models.json"

    def load_data(self, name: str) -> Any:  # noqa: ANN401  # as the one it stands for
        """Return data about all services; raises DataNotFoundError where there is none."""
        return self.load_data_with_path(name)[0]

    def _service(self, name: str, type_name: str) -> Any:  # noqa: ANN401  # JSON of botocore's
        services = self._models["services"]
        if name not in services:
            known = ", ".join(self.list_available_services(type_name))
            raise UnknownServiceError(service_name=name, known_service_names=known)
        return services[name]


@cache
def _shipped() -> Models:
    models: Models = json.loads(files(__package__).joinpath("models.json").read_bytes())
    return models
