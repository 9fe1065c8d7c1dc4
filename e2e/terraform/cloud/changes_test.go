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
