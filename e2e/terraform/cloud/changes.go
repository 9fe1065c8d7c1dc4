package cloud

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"sort"
)

// Change is one resource that a plan would change.
type Change struct {
	// Address is the resource's, Type its type.
	Address, Type string
	// Actions are create, update, delete.
	Actions []string
	// Attributes are the top-level attributes that would differ, sorted.
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
			if !reflect.DeepEqual(after, c.Change.Before[name]) {
				change.Attributes = append(change.Attributes, name)
			}
		}
		for name := range c.Change.AfterUnknown {
			if _, known := c.Change.After[name]; !known {
				change.Attributes = append(change.Attributes, name)
			}
		}
		sort.Strings(change.Attributes)
		changes = append(changes, change)
	}
	return changes, text
}
