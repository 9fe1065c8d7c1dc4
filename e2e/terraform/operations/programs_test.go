package operations_test

// Programs for boto3, which ask the fake of AWS without terraform.

// makeGiven makes what somebody has already, and prints the ids: a VPC, two private and two public subnets of it, a certificate, a bucket.
const makeGiven = `
import boto3
ec2 = boto3.client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{i}.0/24", AvailabilityZone="us-east-1" + "ab"[i % 2])["Subnet"]["SubnetId"] for i in range(4)]
address = ec2.allocate_address(Domain="vpc")["AllocationId"]
nat = ec2.create_nat_gateway(SubnetId=subnets[2], AllocationId=address)["NatGateway"]["NatGatewayId"]
for way, some in (({"NatGatewayId": nat}, subnets[:2]), ({"GatewayId": internet}, subnets[2:])):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
    for subnet in some:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
certificate = boto3.client("acm").request_certificate(DomainName="mlflow.example.com")["CertificateArn"]
boto3.client("s3").create_bucket(Bucket="a-bucket-that-exists")
print(vpc, *subnets, certificate, "a-bucket-that-exists")
`

// lookAtService prints the task definition that the service runs, and what is in its secrets.
const lookAtService = `
import boto3
ecs, secrets = boto3.client("ecs"), boto3.client("secretsmanager")
definition = ecs.describe_services(cluster="mlflow-prod", services=["mlflow-prod"])["services"][0]["taskDefinition"]
print(definition)
container = ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"]["containerDefinitions"][0]
for secret in sorted(container["secrets"], key=lambda pair: pair["name"]):
    print(secrets.get_secret_value(SecretId=secret["valueFrom"])["SecretString"].replace(",", " "))
`

const lookWhetherProtected = `
import boto3, sys
cluster = boto3.client("rds").describe_db_clusters()["DBClusters"][0]
assert str(cluster["DeletionProtection"]) == sys.argv[1], cluster
`

// lookForRemains sees that nothing is left but what was given, and the snapshot.
const lookForRemains = `
import boto3, sys
vpc, *subnets, certificate, bucket = sys.argv[1:]
rds, ec2 = boto3.client("rds"), boto3.client("ec2")
assert rds.describe_db_clusters()["DBClusters"] == []
snapshots = [s["DBClusterSnapshotIdentifier"] for s in rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]]
assert len(snapshots) == 1 and snapshots[0].startswith("mlflow-prod-") and snapshots[0].endswith("-final"), snapshots
assert {s["SubnetId"] for s in ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]} == set(subnets)
assert [g["GroupName"] for g in ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]] == ["default"]
assert [b["Name"] for b in boto3.client("s3").list_buckets()["Buckets"]] == [bucket]
assert boto3.client("iam").list_roles()["Roles"] == []
assert boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
assert boto3.client("ecr").describe_repositories()["repositories"] == []
assert boto3.client("logs").describe_log_groups()["logGroups"] == []
assert [c for c in boto3.client("ecs").describe_clusters()["clusters"] if c["status"] != "INACTIVE"] == []
# Secrets can be brought back for a week.
assert boto3.client("secretsmanager").list_secrets()["SecretList"] == []
`
