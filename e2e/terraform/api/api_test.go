package api_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

func TestEveryCombinationThatMattersIsPlanned(t *testing.T) {
	moto := cloud.StartMoto(t)
	tf := cloud.Root(t, moto, "-test-directory=tests/with-api")
	printed, err := tf.Run("test", "-test-directory=tests/with-api")
	if err != nil {
		t.Fatalf("terraform test: %v\n%s", err, harness.Tail(printed, 80))
	}
	cloud.CheckFigure(t, "Plans of `terraform test` with moto", cloud.Counted(t, printed))
}

// TestAnApplyThatStoppedBetweenASecretAndItsValueGoesOn makes what a first apply leaves that may make secrets, but not fill them.
func TestAnApplyThatStoppedBetweenASecretAndItsValueGoesOn(t *testing.T) {
	tf := cloud.Root(t, cloud.StartMoto(t))
	vars := []string{"-input=false", "-var", "mlflow_username=ada", "-var", "image=ghcr.io/example/mlflow:1"}
	tf.Must(append([]string{"apply", "-auto-approve", "-target=module.database[0].aws_secretsmanager_secret.this"}, vars...)...)
	if printed, err := tf.Run(append([]string{"plan"}, vars...)...); err != nil {
		t.Errorf("%v\n%s", err, harness.Tail(printed, 30))
	}
	if printed, err := tf.Run(append([]string{"destroy", "-auto-approve", "-var", "db_deletion_protection=false"}, vars...)...); err != nil {
		t.Errorf("%v\n%s", err, harness.Tail(printed, 30))
	}
}

// TestAMistakenNetworkIsRefusedInAFullSentence asks for real subnets, since only AWS knows their zones.
func TestAMistakenNetworkIsRefusedInAFullSentence(t *testing.T) {
	moto := cloud.StartMoto(t)
	printed, err := moto.Python(t, makeMistakes, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	ids := strings.Fields(printed)
	tf := cloud.Root(t, moto)
	for name, c := range map[string]struct {
		egress, one, two string
		want             []string
	}{
		"a subnet of another VPC":           {"nat", ids[1], ids[3], []string{"name subnets of vpc_id"}},
		"private subnets, public addresses": {"public_ip", ids[1], ids[2], []string{"have no route to an internet gateway, so that no task there could start"}},
		"no way out, and one zone": {"nat", ids[2], ids[4], []string{
			"subnet_ids are all in one zone (us-east-1b)", "subnet_ids " + ids[4] + ", " + ids[2] + " have no route to a NAT gateway",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			printed, err := tf.In(t, tf.Dir).Run("plan", "-input=false", "-var", "vpc_id="+ids[0], "-var", `subnet_ids=["`+c.one+`","`+c.two+`"]`,
				"-var", "egress="+c.egress, "-var", "image=ghcr.io/example/mlflow:1")
			for _, want := range c.want {
				if err == nil || !strings.Contains(unwrapped(printed), want) {
					t.Errorf("the plan does not say %q (%v):\n%s", want, err, harness.Tail(printed, 30))
				}
			}
		})
	}
}

// makeMistakes prints a VPC, a subnet of it that has a NAT gateway, one in another zone that has no way out, one of another VPC, and a
// public one.
const makeMistakes = `
import boto3
ec2 = boto3.client("ec2")
vpc, other = [ec2.create_vpc(CidrBlock=c)["Vpc"]["VpcId"] for c in ("10.1.0.0/16", "10.2.0.0/16")]
subnet = lambda v, c, z: ec2.create_subnet(VpcId=v, CidrBlock=c, AvailabilityZone=z)["Subnet"]["SubnetId"]
private, alone = subnet(vpc, "10.1.0.0/24", "us-east-1a"), subnet(vpc, "10.1.2.0/24", "us-east-1b")
foreign, public = subnet(other, "10.2.0.0/24", "us-east-1b"), subnet(vpc, "10.1.3.0/24", "us-east-1b")
internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])["NatGateway"]["NatGatewayId"]
for way, subnet in (({"NatGatewayId": nat}, private), ({"GatewayId": internet}, public)):
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **way)
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
print(vpc, private, alone, foreign, public)
`

// TestTheExamplesArePlanned asks for what somebody has already, where an example does.
func TestTheExamplesArePlanned(t *testing.T) {
	moto := cloud.StartMoto(t)
	printed, err := moto.Python(t, makeNetwork, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	given := strings.Fields(printed)
	tf := cloud.Root(t, moto)
	for name, variables := range map[string][]string{
		"heroku": nil, "minimal": nil, "apprunner": nil,
		"existing-network": {
			"-var", "vpc_id=" + given[0], "-var", `private_subnet_ids=["` + given[1] + `","` + given[2] + `"]`,
			"-var", `public_subnet_ids=["` + given[3] + `","` + given[4] + `"]`,
			"-var", "certificate_arn=arn:aws:acm:eu-west-1:123456789012:certificate/abc", "-var", "artifact_bucket_id=a-bucket-that-exists",
		},
	} {
		t.Run(name, func(t *testing.T) {
			example := tf.In(t, filepath.Join(tf.Dir, "examples", name))
			example.Must("init", "-input=false")
			changes, _ := example.Plan(variables...)
			for _, change := range changes {
				if !slices.Equal(change.Actions, []string{"create"}) {
					t.Errorf("%v", change)
				}
			}
			if len(changes) < 10 {
				t.Errorf("only %d resources would be made: %v", len(changes), changes)
			}
		})
	}
}

// makeNetwork makes a VPC in eu-west-1 with two private and two public subnets, and a bucket, and prints the ids.
const makeNetwork = `
import boto3
ec2 = boto3.client("ec2", region_name="eu-west-1")
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=vpc)
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{i}.0/24", AvailabilityZone="eu-west-1" + "ab"[i % 2])["Subnet"]["SubnetId"] for i in range(4)]
nat = ec2.create_nat_gateway(SubnetId=subnets[2], AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"])["NatGateway"]["NatGatewayId"]
# The public subnets have a table of their own, the private ones the VPC's main one.
main = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=internet)
for subnet in subnets[2:]:
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
boto3.client("s3", region_name="eu-west-1").create_bucket(Bucket="a-bucket-that-exists", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
print(vpc, *subnets)
`

// unwrapped is what terraform printed without its line breaks.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }
