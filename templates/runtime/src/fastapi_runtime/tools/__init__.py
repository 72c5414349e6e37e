"""Programs for development: server, OpenAPI document, bundle. The bundle leaves them out."""
