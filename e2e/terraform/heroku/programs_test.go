package heroku_test

// Programs for the real client and for boto3.

const logArtifact = `
import mlflow, os, requests
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
mlflow.set_experiment("terraform")
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 0.5)
    mlflow.log_text("kept in a bucket\n", "notes/note.txt")
    mlflow.log_text("to be deleted", "notes/other.txt")
    assert mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/note.txt") == "kept in a bucket\n"
    names = [f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id, "notes")]
    assert names == ["notes/note.txt", "notes/other.txt"], names
    get_artifact_repository(run.info.artifact_uri).delete_artifacts("notes/other.txt")
    assert [f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id, "notes")] == ["notes/note.txt"]
    # In parts, and once cut in the middle: what is there of it is aborted.
    address = os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow-artifacts/artifacts/" + run.info.artifact_uri.split("mlflow-artifacts:/")[1]
    login = (os.environ["MLFLOW_TRACKING_USERNAME"].encode(), os.environ["MLFLOW_TRACKING_PASSWORD"].encode())
    piece = b"x" * (1 << 20)
    requests.put(address + "/big.bin", data=(piece for _ in range(20)), auth=login).raise_for_status()
    def cut():
        for _ in range(20):
            yield piece
        raise EOFError
    try:
        requests.put(address + "/cut.bin", data=cut(), auth=login)
    except Exception:
        pass
    paths = [f.path for f in mlflow.MlflowClient().list_artifacts(run.info.run_id)]
    assert paths == ["big.bin", "notes"], paths
print("run=" + run.info.run_id)
`

const makeStateBucket = `
import boto3
boto3.client("s3").create_bucket(Bucket="my-terraform-states")
`

const lookAtState = `
import boto3
keys = [o["Key"] for o in boto3.client("s3").list_objects_v2(Bucket="my-terraform-states")["Contents"]]
assert keys == ["mlflow-server/prod.tfstate"], keys
`

// lookAtBucket asks AWS, not terraform, what the bucket is like.
const lookAtBucket = `
import boto3, json, sys
s3, bucket = boto3.client("s3"), sys.argv[1]
block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
assert all(block.values()) and len(block) == 4, block
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rule
owner = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
assert owner == [{"ObjectOwnership": "BucketOwnerEnforced"}], owner
rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
assert any(r.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation") == 7 for r in rules), rules
assert any(r.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays") == 90 for r in rules), rules
policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
arns = ["arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"]
for statement in policy:
    assert statement["Effect"] == "Deny" and statement["Principal"] == "*" and statement["Action"] == "s3:*", statement
    assert sorted(statement["Resource"]) == arns, statement
conditions = [statement["Condition"] for statement in policy]
assert {"Bool": {"aws:SecureTransport": "false"}} in conditions, conditions
assert {"NumericLessThan": {"s3:TlsVersion": "1.2"}} in conditions, conditions

# The user: one policy, on exactly this bucket.
iam = boto3.client("iam")
users = iam.list_users()["Users"]
assert len(users) == 1 and users[0]["Path"] == "/mlflow-server/", users
name = users[0]["UserName"]
assert iam.list_user_policies(UserName=name)["PolicyNames"] == ["artifacts"]
assert iam.list_attached_user_policies(UserName=name)["AttachedPolicies"] == []
assert iam.list_groups_for_user(UserName=name)["Groups"] == []
for statement in iam.get_user_policy(UserName=name, PolicyName="artifacts")["PolicyDocument"]["Statement"]:
    named = statement["Resource"]
    assert statement["Effect"] == "Allow" and named in arns, statement
    for action in statement["Action"]:
        assert "*" not in action and action.startswith("s3:"), statement
`

// showTLSOnly sees the policy at work and takes it away, so that the tests that follow get further than that.
const showTLSOnly = `
import boto3, os, sys
from botocore.exceptions import ClientError
bucket = sys.argv[1]
try:
    boto3.client("s3").put_object(Bucket=bucket, Key="x", Body=b"x")
    sys.exit("the bucket takes objects without TLS")
except ClientError as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
boto3.client("s3", aws_access_key_id="test", aws_secret_access_key="test").delete_bucket_policy(Bucket=bucket)
`

// listActions prints what the user may do.
const listActions = `
import boto3
iam = boto3.client("iam")
name = iam.list_users()["Users"][0]["UserName"]
for statement in iam.get_user_policy(UserName=name, PolicyName="artifacts")["PolicyDocument"]["Statement"]:
    print(*statement["Action"])
`

const listBucket = `
import boto3, sys
for o in boto3.client("s3").list_objects_v2(Bucket=sys.argv[1]).get("Contents", []):
    print(o["Key"], o["Size"])
`

// tryEverything is run by the user itself: what it needs must work, everything else must be denied by IAM.
const tryEverything = `
import boto3, sys
from botocore.exceptions import ClientError
bucket = sys.argv[1]
s3, iam, sts = boto3.client("s3"), boto3.client("iam"), boto3.client("sts")
user = bucket

# What the product does. (moto's check of signatures fails at a list with a / in its prefix, and it answers DeleteObjects, the call for
# many at once, by the bucket's policy alone: so neither is here.)
s3.put_object(Bucket=bucket, Key="a/b", Body=b"one")
assert s3.get_object(Bucket=bucket, Key="a/b")["Body"].read() == b"one"
assert s3.head_object(Bucket=bucket, Key="a/b")["ContentLength"] == 3
assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="a")["Contents"]] == ["a/b"]
upload = s3.create_multipart_upload(Bucket=bucket, Key="a/big")["UploadId"]
part = s3.upload_part(Bucket=bucket, Key="a/big", UploadId=upload, PartNumber=1, Body=b"x" * (5 << 20))["ETag"]
assert len(s3.list_parts(Bucket=bucket, Key="a/big", UploadId=upload)["Parts"]) == 1
s3.complete_multipart_upload(Bucket=bucket, Key="a/big", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
upload = s3.create_multipart_upload(Bucket=bucket, Key="a/cut")["UploadId"]
s3.abort_multipart_upload(Bucket=bucket, Key="a/cut", UploadId=upload)
s3.delete_object(Bucket=bucket, Key="a/b")
s3.delete_object(Bucket=bucket, Key="a/big")
assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
allowed = 13

# What it does not.
other = "my-terraform-states"
attempts = {
    "list all buckets": lambda: s3.list_buckets(),
    "list another bucket": lambda: s3.list_objects_v2(Bucket=other),
    "read from another bucket": lambda: s3.get_object(Bucket=other, Key="mlflow-server/prod.tfstate"),
    "write to another bucket": lambda: s3.put_object(Bucket=other, Key="x", Body=b"x"),
    "delete from another bucket": lambda: s3.delete_object(Bucket=other, Key="mlflow-server/prod.tfstate"),
    "make a bucket": lambda: s3.create_bucket(Bucket="a-bucket-of-its-own"),
    "delete its bucket": lambda: s3.delete_bucket(Bucket=bucket),
    "change its bucket's policy": lambda: s3.put_bucket_policy(Bucket=bucket, Policy="{}"),
    "delete its bucket's policy": lambda: s3.delete_bucket_policy(Bucket=bucket),
    "stop versioning": lambda: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}),
    "open its bucket": lambda: s3.delete_public_access_block(Bucket=bucket),
    "change the lifecycle": lambda: s3.delete_bucket_lifecycle(Bucket=bucket),
    "change the encryption": lambda: s3.delete_bucket_encryption(Bucket=bucket),
    "list users": lambda: iam.list_users(),
    "make a user": lambda: iam.create_user(UserName="another"),
    "make another key": lambda: iam.create_access_key(UserName=user),
    "change its policy": lambda: iam.put_user_policy(UserName=user, PolicyName="artifacts", PolicyDocument="{}"),
    "make a role": lambda: iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}"),
    "assume a role": lambda: sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/admin", RoleSessionName="session"),
    "list secrets": lambda: boto3.client("secretsmanager").list_secrets(),
    "describe machines": lambda: boto3.client("ec2").describe_instances(),
    "describe databases": lambda: boto3.client("rds").describe_db_clusters(),
    "list clusters": lambda: boto3.client("ecs").list_clusters(),
    "list images": lambda: boto3.client("ecr").describe_repositories(),
    "read logs": lambda: boto3.client("logs").describe_log_groups(),
}
problems = []
for name, attempt in attempts.items():
    try:
        attempt()
        problems.append(name + ": was allowed")
    except ClientError as error:
        # moto answers services that speak JSON in XML, so the code can be in the text.
        if "AccessDenied" not in str(error) and "UnauthorizedOperation" not in str(error):
            problems.append(f"{name}: {error}")
assert not problems, problems
print(f"{allowed} calls allowed, {len(attempts)} denied")
`

// forgetAttempts removes what was deleted: moto cannot delete a version below a delete marker any more once versioning is
// suspended, which is the first thing that terraform does when it destroys a versioned bucket.
const forgetAttempts = `
import boto3, sys
s3 = boto3.client("s3")
versions = s3.list_object_versions(Bucket=sys.argv[1])
gone = {marker["Key"] for marker in versions.get("DeleteMarkers", [])}
for version in [v for v in versions.get("DeleteMarkers", []) + versions.get("Versions", []) if v["Key"] in gone]:
    s3.delete_object(Bucket=sys.argv[1], Key=version["Key"], VersionId=version["VersionId"])
`

const lookForRemains = `
import boto3
assert [b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]] == ["my-terraform-states"]
assert boto3.client("iam").list_users()["Users"] == []
`
