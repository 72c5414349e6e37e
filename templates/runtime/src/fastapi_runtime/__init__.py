"""What the APIs of this workspace have in common behind the Lambda Web Adapter.

A subject per module; an API's `init` puts the parts together, and its operations import from there.
"""
