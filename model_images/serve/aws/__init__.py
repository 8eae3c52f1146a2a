"""The few calls of AWS that a served model needs, without an SDK: signing, credentials, HTTP, S3, DynamoDB.

Nothing here is imported unless a variable or the command line asks for it (docs/decisions/0021-aws-in-the-image.md).
"""
