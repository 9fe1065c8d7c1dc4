package provision

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// plan is which packages to install.
type plan struct {
	mlflow string // version
	locked bool   // mlflow is the locked version
	hash   string // of everything below
	// requirements is a compiled file, or "" when inputs have to be resolved first.
	requirements string
	inputs       string // requirements to resolve
	extras       string // those of them that the user gave
	constraints  string // versions they must keep to
	preferences  string // versions they keep to where they can
	excludes     string // packages that MLflow asks for and does not get
}

var versionText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+((a|b|rc|\.post|\.dev)[0-9]+)?$`)

// resolving changes whenever the same requirements would be resolved in another way.
const resolving = "2"

// newPlan decides what the options ask for. With nothing special it is the embedded lock.
func newPlan(o Options) (plan, error) {
	p := plan{mlflow: cmp.Or(o.MLflowVersion, LockedMLflowVersion())}
	if !versionText.MatchString(p.mlflow) {
		return p, &Error{Doing: "reading the MLflow version", Kind: Unsatisfiable, Err: fmt.Errorf("%q is not a version", p.mlflow),
			Advice: "Give a version such as " + LockedMLflowVersion() + "."}
	}
	p.locked = p.mlflow == LockedMLflowVersion()
	extras, err := cleanRequirements(o.Extras)
	if err != nil {
		return p, err
	}
	if p.locked && len(extras) == 0 {
		p.requirements, p.hash = lockRequirements, lockHash()
		return p, nil
	}
	named := map[string]bool{}
	for _, line := range extras {
		named[RequirementName(line)] = true
	}
	for _, line := range strings.Split(lockInputs, "\n") {
		if name := RequirementName(line); name == "mlflow" {
			p.inputs += "mlflow==" + p.mlflow + "\n"
		} else if name != "" {
			p.inputs += line + "\n"
		}
	}
	for _, line := range extras {
		p.extras += line + "\n"
	}
	p.inputs += p.extras
	if p.locked {
		p.constraints = pinsOnly(func(name string) bool { return !named[name] })
		p.excludes = excludesBut(removeComments(lockExcludes), func(name string) bool { return named[name] })
	} else {
		// Another MLflow may need other versions of anything, and runs by its public command, whose web server and
		// helpers are among what the lock leaves out.
		p.preferences = pinsOnly(func(name string) bool { return !named[name] && !strings.HasPrefix(name, "mlflow") })
	}
	p.hash = hashOf(lockRequirements, p.inputs, p.constraints, p.excludes, resolving)
	return p, nil
}

// layout changes whenever a runtime is finished in another way, so that a builder makes a new one. An old one works on,
// which is why it is not part of a runtime's own hash.
const layout = "2"

// Key names what these options install, whatever it is installed to: equal keys, equal packages on equal Pythons. The
// platform is not in it. The error is an *Error about the options.
func (o Options) Key() (string, error) { return o.key(recordFormat) }

func (o Options) key(format int) (string, error) {
	p, err := newPlan(o)
	if err != nil {
		return "", err
	}
	pins := DefaultPins()
	if o.Pins != nil {
		pins = *o.Pins
	}
	// A newer uv knows newer patch releases of the same Python. A runtime with a record of another format cannot be used.
	return hashOf(p.hash, cmp.Or(o.PythonVersion, pins.Python.Managed), pins.UV.Version,
		fmt.Sprintf("format %d", format), "layout "+layout), nil
}

// cleanRequirements drops blank and comment lines. Options of pip are refused: they would reach beyond the package list.
func cleanRequirements(lines []string) ([]string, error) {
	var clean []string
	var problems []error
	for _, line := range lines {
		line = strings.TrimSpace(removeComments(line))
		switch {
		case line == "":
		case strings.HasPrefix(line, "-") || strings.HasSuffix(line, `\`) || RequirementName(line) == "":
			problems = append(problems, fmt.Errorf("%q is not a requirement such as \"name==1.2\"", redact(line)))
		case RequirementName(line) == "mlflow":
			problems = append(problems, fmt.Errorf("%q: MLflow's version is not chosen here", redact(line)))
		default:
			clean = append(clean, line)
		}
	}
	if len(problems) > 0 {
		return nil, &Error{Doing: "reading the extra requirements", Kind: Unsatisfiable, Err: errors.Join(problems...)}
	}
	return clean, nil
}

var (
	comment    = regexp.MustCompile(`(?m)(^|\s)#.*$`)
	leadingKey = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*($|[\[(<>=!~;@\s])`)
)

func removeComments(text string) string { return comment.ReplaceAllString(text, "") }

// RequirementName is the normal name of the package that a line of Options.Extras asks for, "" when it is none that can be
// used there.
func RequirementName(line string) string {
	m := leadingKey.FindStringSubmatch(strings.TrimSpace(removeComments(line)))
	if m == nil {
		return ""
	}
	return normalName(m[1])
}

// excludesBut is a list of excludes without the packages that are wanted.
func excludesBut(excludes string, wanted func(name string) bool) string {
	var left strings.Builder
	for name := range strings.FieldsSeq(excludes) {
		if !wanted(normalName(name)) {
			left.WriteString(name + "\n")
		}
	}
	return left.String()
}

// pinsOnly lists the lock's pins with their markers and without their hashes.
func pinsOnly(keep func(name string) bool) string {
	var lines []string
	for line := range strings.Lines(lockRequirements) {
		if m := pinned.FindStringSubmatch(line); m != nil && keep(normalName(m[1])) {
			lines = append(lines, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\`)))
		}
	}
	return strings.Join(slices.Compact(lines), "\n") + "\n"
}

// withHashes gives each pin of a compiled file that the lock also has the hashes of the lock.
func withHashes(compiled string) string {
	blocks := map[string]string{} // "name==version" -> hash lines
	var current string
	for line := range strings.Lines(lockRequirements) {
		if m := pinned.FindStringSubmatch(line); m != nil {
			current = normalName(m[1]) + "==" + m[2]
			blocks[current] = ""
		} else if hash := strings.TrimSuffix(strings.TrimSpace(line), ` \`); strings.HasPrefix(hash, "--hash=") {
			blocks[current] += " \\\n    " + hash
		}
	}
	var out strings.Builder
	for line := range strings.Lines(compiled) {
		line = strings.TrimRight(line, "\n")
		out.WriteString(line)
		if m := pinned.FindStringSubmatch(line); m != nil {
			out.WriteString(blocks[normalName(m[1])+"=="+m[2]])
		}
		out.WriteString("\n")
	}
	return out.String()
}
