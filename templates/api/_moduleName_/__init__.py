"""The API: `init` sets the app up, `main` holds its operations."""
