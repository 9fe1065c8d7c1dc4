"""Looks at the bucket with MLflow's client of S3, where MLflow serves the artifacts: with what it
adds to uploads and the bucket's owner that it expects. Elsewhere the launcher does, with its own."""

import uuid

CONNECT, READ, ATTEMPTS = 5, 10, 2  # seconds; boto3 would take a minute for each of five attempts


def examine(destination, tell):
    from botocore.config import Config
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        ReadTimeoutError,
    )
    from mlflow.store.artifact.s3_artifact_repo import S3ArtifactRepository

    unreachable = (ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError)
    # MLflow makes its client with a Config that says nothing about them.
    Config.OPTION_DEFAULTS.update(
        connect_timeout=CONNECT, read_timeout=READ, retries={"total_max_attempts": ATTEMPTS}
    )

    def attempt(what, action, fix):
        """Returns whether that went well, and None when there is no use in going on."""
        try:
            action()
        except (BotoCoreError, ClientError, ValueError) as error:
            if isinstance(error, unreachable):
                fix = "correct MLFLOW_S3_ENDPOINT_URL or the region, or let this machine connect to it"
            tell(what, "fail", _why(error, unreachable), fix)
            return None if isinstance(error, unreachable) else False
        tell(what, "ok", "")
        return True

    try:
        repository = S3ArtifactRepository(destination)
        client, owner = repository._get_s3_client(), repository._bucket_owner_params
    except (BotoCoreError, ValueError) as error:  # a profile that is missing, no URL
        fix = "correct AWS_PROFILE, AWS_CONFIG_FILE or MLFLOW_S3_ENDPOINT_URL"
        tell("bucket", "fail", _why(error, unreachable), fix)
        return
    name, prefix = repository.parse_s3_compliant_uri(destination)
    key = "/".join(filter(None, (prefix.strip("/"), f".mlflow-server-probe-{uuid.uuid4().hex}")))
    extra = repository.get_s3_file_upload_extra_args() or {}
    versions = []  # of a bucket that keeps them: the object's, and the mark of its deletion

    def put():
        answer = client.put_object(Bucket=name, Key=key, Body=b"probe", **{**owner, **extra})
        versions.append(answer.get("VersionId"))

    def get():
        found = client.get_object(Bucket=name, Key=key, **owner)["Body"].read()
        if found != b"probe":
            raise ValueError(f"what is read ({len(found)} bytes) is not what was written")

    def delete():
        answer = client.delete_object(Bucket=name, Key=key, **owner)
        versions.append(answer.get("VersionId"))

    allow = "allow s3:{} on it to the keys or the role in use"
    if (
        attempt(
            "bucket: list",
            lambda: client.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=1, **owner),
            "check the bucket's name, the region and the keys; " + allow.format("ListBucket"),
        )
        is None
    ):
        return
    if not attempt("bucket: put", put, allow.format("PutObject")):
        return
    attempt("bucket: get", get, allow.format("GetObject"))
    fix = f"{allow.format('DeleteObject')}; {key} is left in the bucket"
    if attempt("bucket: delete", delete, fix) and all(versions):
        try:
            for version in versions:
                client.delete_object(Bucket=name, Key=key, VersionId=version, **owner)
        except (BotoCoreError, ClientError):
            fix = "have a lifecycle rule expire old versions, as terraform/ does"
            tell("bucket: versions", "ok", f"the bucket keeps them: one of {key} is left", fix)


def _why(error, unreachable):
    response = getattr(error, "response", None)
    if response:
        return f"{response.get('Error', {}).get('Code', 'refused')}"
    if isinstance(error, unreachable) and "timeout" in type(error).__name__.lower():
        return f"no answer within {CONNECT} s for a connection, {READ} s for an answer"
    return type(error).__name__ + ": " + str(error)[:200]
