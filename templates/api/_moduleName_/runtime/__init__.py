"""The app's runtime behind the Lambda Web Adapter, a subject per module.

`init` puts the parts together; operations import from there.
"""
