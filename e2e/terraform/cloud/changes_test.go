package cloud

import (
	"slices"
	"testing"
)

func TestAChangeIsNamedAsDeepAsItCanBeTold(t *testing.T) {
	block := func(more map[string]any) []any { return []any{more} }
	for name, c := range map[string]struct {
		before, after any
		want          []string
	}{
		"nothing":             {block(map[string]any{"x": 1.0}), block(map[string]any{"x": 1.0}), nil},
		"one of a block":      {block(map[string]any{"x": 1.0, "y": "a"}), block(map[string]any{"x": 2.0, "y": "a"}), []string{"b.x"}},
		"one that goes":       {block(map[string]any{"x": 1.0, "y": "a"}), block(map[string]any{"x": 1.0}), []string{"b.y"}},
		"a block that comes":  {[]any{}, block(map[string]any{"x": 1.0}), []string{"b"}},
		"a block inside":      {block(map[string]any{"x": block(map[string]any{"z": 1.0})}), block(map[string]any{"x": []any{}}), []string{"b.x"}},
		"a value of its own":  {"a", "b", []string{"b"}},
		"null for an absence": {block(map[string]any{}), block(map[string]any{"x": nil}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := differing(nil, "b", c.before, c.after); !slices.Equal(got, c.want) {
				t.Errorf("%v, not %v", got, c.want)
			}
		})
	}
}

func TestAnOmissionExcusesNothingBesideIt(t *testing.T) {
	for _, c := range []struct {
		change Change
		want   bool
	}{
		{Change{Type: "aws_cloudfront_distribution", Actions: []string{"update"}, Attributes: []string{"default_cache_behavior.forwarded_values"}}, true},
		{Change{Type: "aws_cloudfront_distribution", Actions: []string{"update"}, Attributes: []string{"default_cache_behavior.cache_policy_id"}}, false},
		{Change{Type: "aws_cloudfront_distribution", Actions: []string{"update"}, Attributes: []string{"default_cache_behavior.forwarded_values.headers"}}, true},
		{Change{Type: "aws_rds_cluster", Actions: []string{"update"}, Attributes: []string{"serverlessv2_scaling_configuration.max_capacity"}}, false},
		{Change{Type: "aws_ecs_service", Actions: []string{"delete", "create"}, Attributes: []string{"health_check_grace_period_seconds"}}, false},
		{Change{Type: "aws_lb", Actions: []string{"update"}, Attributes: []string{"description"}}, false},
		{Change{Type: "aws_ecs_service", Actions: []string{"update"}}, false},
	} {
		if got := OmittedByMoto(c.change); got != c.want {
			t.Errorf("%v: %v", c.change, got)
		}
	}
}
