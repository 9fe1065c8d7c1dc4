package api_test

import (
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
	t.Log(strings.TrimSpace(harness.Tail(printed, 1)))
}

// TestAMistakenNetworkIsRefusedInAFullSentence asks for real subnets, since only AWS knows their zones.
func TestAMistakenNetworkIsRefusedInAFullSentence(t *testing.T) {
	moto := cloud.StartMoto(t)
	printed, err := moto.Python(t, `
import boto3
ec2 = boto3.client("ec2")
vpc, other = [ec2.create_vpc(CidrBlock=c)["Vpc"]["VpcId"] for c in ("10.1.0.0/16", "10.2.0.0/16")]
subnet = lambda v, c, z: ec2.create_subnet(VpcId=v, CidrBlock=c, AvailabilityZone=z)["Subnet"]["SubnetId"]
print(vpc, subnet(vpc, "10.1.0.0/24", "us-east-1a"), subnet(vpc, "10.1.1.0/24", "us-east-1a"), subnet(other, "10.2.0.0/24", "us-east-1b"))
`, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	ids := strings.Fields(printed)
	tf := cloud.Root(t, moto)
	for name, c := range map[string]struct{ subnets, want string }{
		"subnets in one zone":     {ids[1] + `","` + ids[2], "subnet_ids are all in one zone (us-east-1a)"},
		"a subnet of another VPC": {ids[1] + `","` + ids[3], "name subnets of vpc_id"},
	} {
		t.Run(name, func(t *testing.T) {
			printed, err := tf.In(t, tf.Dir).Run("plan", "-input=false", "-var", "vpc_id="+ids[0], "-var", `subnet_ids=["`+c.subnets+`"]`,
				"-var", "image=ghcr.io/example/mlflow:1")
			if err == nil || !strings.Contains(unwrapped(printed), c.want) {
				t.Errorf("the plan does not say %q (%v):\n%s", c.want, err, harness.Tail(printed, 20))
			}
		})
	}
}

// unwrapped is what terraform printed without its line breaks.
func unwrapped(text string) string { return strings.Join(strings.Fields(text), " ") }
