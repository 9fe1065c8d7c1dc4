package cloud

import (
	"slices"
	"strings"
)

// omissions are attributes that moto does not keep or makes up, by type, each with all that is in it. A test of the stack shows each without terraform.
var omissions = map[string][]string{
	"aws_vpc_security_group_ingress_rule": {"description"},
	"aws_vpc_security_group_egress_rule":  {"description"},
	"aws_cloudfront_distribution":         {"default_cache_behavior.forwarded_values", "viewer_certificate.ssl_support_method"},
	"aws_ecs_service":                     {"availability_zone_rebalancing", "health_check_grace_period_seconds"},
}

// OmittedByMoto says that a change comes from these alone.
func OmittedByMoto(c Change) bool {
	if !slices.Equal(c.Actions, []string{"update"}) {
		return false
	}
	for _, attribute := range c.Attributes {
		if !slices.ContainsFunc(omissions[c.Type], func(omitted string) bool {
			return attribute == omitted || strings.HasPrefix(attribute, omitted+".")
		}) {
			return false
		}
	}
	return len(c.Attributes) > 0
}
