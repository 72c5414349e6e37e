"""Write the app's OpenAPI document to dist/openapi.json, which the infrastructure is made from."""

from fastapi_runtime.tools.open_api import main

if __name__ == "__main__":
    main()
