package stack_test

// Programs for boto3, which ask the fake of AWS without terraform.

const lookAtStack = `
import boto3, json, sys
bucket, host = sys.argv[1:]

ecs = boto3.client("ecs")
service = ecs.describe_services(cluster="mlflow-prod", services=["mlflow-prod"])["services"][0]
assert service["launchType"] == "FARGATE" and service["desiredCount"] == 1, service
network = service["networkConfiguration"]["awsvpcConfiguration"]
assert network["assignPublicIp"] == "ENABLED" and len(network["subnets"]) == 2, network
task = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]
container = task["containerDefinitions"][0]
environment = {pair["name"]: pair["value"] for pair in container["environment"]}
secrets = {pair["name"]: pair["valueFrom"] for pair in container["secrets"]}
assert environment["MLFLOW_ARTIFACT_URI"] == "s3://" + bucket, environment
assert environment["MLFLOW_ALLOWED_HOSTS"] == host, environment
assert environment["PGSSLMODE"] == "verify-full" and environment["PGSSLROOTCERT"].startswith("/"), environment
assert sorted(secrets) == ["MLFLOW_DB_PASSWORD", "MLFLOW_SESSION_SECRET", "MLFLOW_TRACKING_PASSWORD"], secrets
assert len(set(secrets.values())) == 3, secrets
assert not any("PASSWORD" in name or "SECRET" in name or "KEY" in name for name in environment), environment

rds = boto3.client("rds")
cluster = rds.describe_db_clusters()["DBClusters"][0]
assert cluster["Endpoint"] == environment["MLFLOW_DB_HOST"], cluster
assert cluster["StorageEncrypted"] and cluster["BackupRetentionPeriod"] == 7, cluster
scaling = cluster["ServerlessV2ScalingConfiguration"]
assert scaling["MinCapacity"] == 0 and scaling["MaxCapacity"] == 4, scaling
parameters = rds.describe_db_cluster_parameters(DBClusterParameterGroupName=cluster["DBClusterParameterGroup"])["Parameters"]
assert {"rds.force_ssl": "1"}.items() <= {p["ParameterName"]: p.get("ParameterValue") for p in parameters}.items(), parameters

# Who reaches whom: CloudFront the load balancer, the load balancer the tasks, the tasks the database.
ec2 = boto3.client("ec2")
groups = {g["GroupId"]: g for g in ec2.describe_security_groups()["SecurityGroups"]}
vpc = ec2.describe_subnets(SubnetIds=network["subnets"])["Subnets"][0]["VpcId"]
database = cluster["VpcSecurityGroups"][0]["VpcSecurityGroupId"]
tasks = network["securityGroups"][0]
balancer = boto3.client("elbv2").describe_load_balancers()["LoadBalancers"][0]
assert balancer["Scheme"] == "internal", balancer
front = balancer["SecurityGroups"][0]

def doors(group):
    return sorted(
        (p["FromPort"], p["ToPort"], *[x["GroupId"] for x in p["UserIdGroupPairs"]], *[x["CidrIp"] for x in p["IpRanges"]],
         *["prefix list" for x in p["PrefixListIds"]])
        for p in groups[group]["IpPermissions"]
    )

assert doors(database) == [(5432, 5432, tasks)], doors(database)
assert doors(tasks) == [(8080, 8080, front)], doors(tasks)
assert doors(front) == [(80, 80, "prefix list")], doors(front)
default = [g for g in groups.values() if g["VpcId"] == vpc and g["GroupName"] == "default"][0]
assert default["IpPermissions"] == [] and default["IpPermissionsEgress"] == [], default

# Roles: the task reaches its bucket and nothing else, what starts it its secrets, log and image.
iam = boto3.client("iam")
def statements(arn):
    name = arn.split("/")[-1]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    documents = [iam.get_role_policy(RoleName=name, PolicyName=p)["PolicyDocument"] for p in iam.list_role_policies(RoleName=name)["PolicyNames"]]
    return [s for d in documents for s in d["Statement"]]
def many(value):
    return value if isinstance(value, list) else [value]
reached = {r for s in statements(task["taskRoleArn"]) for r in many(s["Resource"])}
assert reached == {"arn:aws:s3:::" + bucket, "arn:aws:s3:::" + bucket + "/*"}, reached
for s in statements(task["executionRoleArn"]):
    assert "*" not in many(s["Resource"]) or many(s["Action"]) == ["ecr:GetAuthorizationToken"], s
readable = {r for s in statements(task["executionRoleArn"]) if "secretsmanager:GetSecretValue" in many(s["Action"]) for r in many(s["Resource"])}
assert readable == set(secrets.values()), readable
assert iam.list_users()["Users"] == []

distribution = boto3.client("cloudfront").list_distributions()["DistributionList"]["Items"][0]
assert distribution["DomainName"] == host, distribution
config = boto3.client("cloudfront").get_distribution_config(Id=distribution["Id"])["DistributionConfig"]
behaviour = config["DefaultCacheBehavior"]
# CachingDisabled and AllViewerAndCloudFrontHeaders-2022-06 (CloudFront Developer Guide, "Use managed ... policies").
assert behaviour["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", behaviour
assert behaviour["OriginRequestPolicyId"] == "33f36d7e-f396-46d9-90e0-52428a34d9dc", behaviour
assert behaviour["ViewerProtocolPolicy"] == "redirect-to-https" and len(behaviour["AllowedMethods"]["Items"]) == 7, behaviour
assert config["ViewerCertificate"]["CloudFrontDefaultCertificate"], config
origin = config["Origins"]["Items"][0]
assert origin["DomainName"] == balancer["DNSName"] and origin["VpcOriginConfig"]["VpcOriginId"].startswith("vo_"), origin
alarms = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
assert len(alarms) >= 4 and sum(len(a["AlarmActions"]) == 1 for a in alarms) >= 4, alarms
`

// readSecrets prints the database's password, each user's, and what sessions are signed with.
const readSecrets = `
import boto3
client = boto3.client("secretsmanager")
for secret in client.list_secrets()["SecretList"]:
    print(client.get_secret_value(SecretId=secret["ARN"])["SecretString"].replace(",", " "))
`

// printTask prints a task.
const printTask = `
import boto3, json
ecs, secrets = boto3.client("ecs"), boto3.client("secretsmanager")
service = ecs.describe_services(cluster="mlflow-prod", services=["mlflow-prod"])["services"][0]
container = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]["containerDefinitions"][0]
print(json.dumps({
    "environment": {pair["name"]: pair["value"] for pair in container["environment"]},
    "secrets": {pair["name"]: secrets.get_secret_value(SecretId=pair["valueFrom"])["SecretString"] for pair in container["secrets"]},
}))
`

// showOmissions does by itself what terraform did, and reads it back: what is missing then is missing in moto. When moto has learned
// something, this fails, and the omission above can go.
const showOmissions = `
import boto3
ec2 = boto3.client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
group = ec2.create_security_group(GroupName="omissions", Description="x", VpcId=vpc)["GroupId"]
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group, "Description": "kept?"}]}])
rule = [r for r in ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"] if not r["IsEgress"]][0]
assert not rule.get("Description"), rule
ec2.delete_security_group(GroupId=group)
ec2.delete_vpc(VpcId=vpc)

ecs = boto3.client("ecs")
ecs.create_cluster(clusterName="omissions")
ecs.register_task_definition(family="omissions", containerDefinitions=[{"name": "x", "image": "x", "memory": 64}])
ecs.create_service(cluster="omissions", serviceName="omissions", taskDefinition="omissions", desiredCount=0, healthCheckGracePeriodSeconds=600)
service = ecs.describe_services(cluster="omissions", services=["omissions"])["services"][0]
assert "healthCheckGracePeriodSeconds" not in service and "availabilityZoneRebalancing" not in service, service
ecs.delete_service(cluster="omissions", service="omissions", force=True)
ecs.delete_cluster(cluster="omissions")

cloudfront = boto3.client("cloudfront")
for summary in cloudfront.list_distributions()["DistributionList"]["Items"]:
    config = cloudfront.get_distribution_config(Id=summary["Id"])["DistributionConfig"]
    behaviour = config["DefaultCacheBehavior"]
    # AWS refuses both at once; and its own certificate has no support method.
    assert behaviour.get("CachePolicyId") and behaviour.get("ForwardedValues"), behaviour
    assert config["ViewerCertificate"].get("SSLSupportMethod"), config["ViewerCertificate"]
print("moto forgets descriptions of rules between groups, a service's grace period and rebalancing; it makes up "
      "forwarded values and an SSL support method")
`

const lookForRemains = `
import boto3
assert boto3.client("s3").list_buckets()["Buckets"] == []
assert boto3.client("iam").list_roles()["Roles"] == []
assert boto3.client("rds").describe_db_clusters()["DBClusters"] == []
assert boto3.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
assert boto3.client("cloudfront").list_distributions()["DistributionList"].get("Items", []) == []
assert boto3.client("logs").describe_log_groups()["logGroups"] == []
assert all(v["IsDefault"] for v in boto3.client("ec2").describe_vpcs()["Vpcs"])
assert [c for c in boto3.client("ecs").describe_clusters()["clusters"] if c["status"] != "INACTIVE"] == []
`
