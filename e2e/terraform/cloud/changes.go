package cloud

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
)

// Change is one resource that a plan would change.
type Change struct {
	// Address is the resource's, Type its type.
	Address, Type string
	// Actions are create, update, delete.
	Actions []string
	// Attributes are what would differ, as deep as it can be told, sorted: "tags", "viewer_certificate.ssl_support_method".
	Attributes []string
}

// String is the change in one line.
func (c Change) String() string { return fmt.Sprintf("%s %v %v", c.Address, c.Actions, c.Attributes) }

// Plan plans, and returns what the plan would change and its JSON.
func (tf *Terraform) Plan(args ...string) ([]Change, string) {
	tf.t.Helper()
	file := filepath.Join(tf.t.TempDir(), "plan")
	tf.Must(append([]string{"plan", "-input=false", "-parallelism=30", "-out=" + file}, args...)...)
	text := tf.output("show", "-json", file)
	var plan struct {
		Changes []struct {
			Address, Mode, Type string
			Change              struct {
				Actions       []string
				Before, After map[string]any
				AfterUnknown  map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	if err := json.Unmarshal([]byte(text), &plan); err != nil {
		tf.t.Fatalf("reading the plan: %v", err)
	}
	var changes []Change
	for _, c := range plan.Changes {
		if c.Mode == "data" || slices.Equal(c.Change.Actions, []string{"no-op"}) {
			continue
		}
		change := Change{Address: c.Address, Type: c.Type, Actions: c.Change.Actions}
		for name, after := range c.Change.After {
			change.Attributes = differing(change.Attributes, name, c.Change.Before[name], after)
		}
		for name := range c.Change.AfterUnknown {
			if _, known := c.Change.After[name]; !known {
				change.Attributes = append(change.Attributes, name)
			}
		}
		slices.Sort(change.Attributes)
		change.Attributes = slices.Compact(change.Attributes)
		changes = append(changes, change)
	}
	return changes, text
}

// differing adds the paths at which two values differ. Blocks are lists; those of one length are compared block by block, under one name.
func differing(paths []string, path string, before, after any) []string {
	switch after := after.(type) {
	case map[string]any:
		if before, ok := before.(map[string]any); ok {
			for name, value := range after {
				paths = differing(paths, path+"."+name, before[name], value)
			}
			for name, value := range before {
				if _, there := after[name]; !there {
					paths = differing(paths, path+"."+name, value, nil)
				}
			}
			return paths
		}
	case []any:
		if before, ok := before.([]any); ok && len(before) == len(after) {
			for i := range after {
				paths = differing(paths, path, before[i], after[i])
			}
			return paths
		}
	}
	if !reflect.DeepEqual(before, after) {
		paths = append(paths, path)
	}
	return paths
}
