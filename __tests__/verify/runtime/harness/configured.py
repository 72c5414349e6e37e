"""Settings of the harness, which are read where an environment says that it has some."""

import os
from typing import Annotated

from fastapi_runtime.settings import AwsSettings, Parameter, Secret, load
from pydantic import SecretStr

from .init import after_restore, app, logger


class Settings(AwsSettings):
    database_url: Annotated[SecretStr, Secret("database", key="url", local="sqlite://")]
    page_size: Annotated[int, Parameter("page-size")] = 50


if "SETTINGS_PATH" in os.environ:
    settings = load(Settings)

    @after_restore
    def tell() -> None:
        logger.info("restored", extra={"page_size": settings.page_size})

    @app.get("/settings")
    async def read_settings() -> dict[str, str | int]:
        import botocore

        return {
            "database_url": settings.database_url.get_secret_value(),
            "page_size": settings.page_size,
            "botocore": botocore.__file__,
        }
