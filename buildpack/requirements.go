package buildpack

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"mlflow-server/internal/provision"
)

// The config vars that say what to install.
const (
	versionSetting = "MLFLOW_VERSION"
	extrasSetting  = "MLFLOW_EXTRAS"
)

// wanted is what the app asks for beyond the lock.
type wanted struct {
	mlflow string   // version, "" for the locked one
	extras []string // requirement lines
}

var (
	versionText = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+((a|b|rc|\.post|\.dev)[0-9]+)?$`)
	mlflowLine  = regexp.MustCompile(`(?i)^mlflow\s*(.*)$`)
	goesOn      = regexp.MustCompile(`^[A-Za-z0-9_.-]`) // mlflow-skinny is another package
)

// wants reads MLFLOW_VERSION, MLFLOW_EXTRAS and the app's requirements.txt. Its error is a *Failure with everything that
// cannot be used.
func wants(app string, settings Settings) (wanted, error) {
	var w wanted
	var problems []string
	version := strings.TrimSpace(settings[versionSetting])
	if version != "" && !versionText.MatchString(version) {
		problems = append(problems, versionSetting+" is "+quoted(version)+", which is not a version such as "+provision.LockedMLflowVersion()+".")
	} else if version != "" && provision.TooOld(version) {
		problems = append(problems, versionSetting+" is "+version+tooOld)
	}
	for _, extra := range strings.Fields(settings[extrasSetting]) {
		if problem := checkExtra(extra); problem != "" {
			problems = append(problems, extrasSetting+" has "+quoted(extra)+", "+problem)
			continue
		}
		w.extras = append(w.extras, extra)
	}
	text, err := os.ReadFile(filepath.Join(app, "requirements.txt"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return w, err
	}
	pinned := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if m := mlflowLine.FindStringSubmatch(line); m != nil && (m[1] == "" || !goesOn.MatchString(m[1])) {
			var problem string
			if pinned, problem = mlflowPin(m[1]); problem != "" {
				problems = append(problems, "requirements.txt has "+quoted(line)+", "+problem)
			}
			continue
		}
		if problem := checkLine(line); problem != "" {
			problems = append(problems, "requirements.txt has "+quoted(line)+", "+problem)
			continue
		}
		w.extras = append(w.extras, line)
	}
	if version != "" && pinned != "" && version != pinned {
		problems = append(problems, versionSetting+" is "+version+", but requirements.txt pins mlflow=="+pinned+". Give one of them, or the same.")
	}
	if len(problems) > 0 {
		return w, &Failure{Key: "setting", Headline: "What the app asks for cannot be installed.", Lines: wrapped(append(problems,
			"", "Change it with \"heroku config:set\" or in requirements.txt, then push again.")...)}
	}
	w.mlflow = version
	if w.mlflow == "" {
		w.mlflow = pinned
	}
	return w, nil
}

const tooOld = ", older than " + provision.OldestMLflow + ": versions before that have published vulnerabilities " +
	"that a login in front of them does not close."

// mlflowPin reads what follows "mlflow" in requirements.txt.
func mlflowPin(rest string) (version, problem string) {
	rest, _, _ = strings.Cut(rest, " #")
	rest, _, _ = strings.Cut(rest, ";")
	rest = strings.TrimSpace(rest)
	if rest == "" || strings.HasPrefix(rest, "#") {
		return "", ""
	}
	pin, exact := strings.CutPrefix(rest, "==")
	if pin = strings.TrimSpace(pin); exact && versionText.MatchString(pin) {
		if provision.TooOld(pin) {
			return pin, "which is" + strings.TrimPrefix(tooOld, ",")
		}
		return pin, ""
	}
	return "", "but MLflow's own line is \"mlflow==VERSION\", or just \"mlflow\" for " + provision.LockedMLflowVersion() + "."
}

// checkExtra looks at one word of MLFLOW_EXTRAS.
func checkExtra(extra string) string {
	if m := mlflowLine.FindStringSubmatch(extra); m != nil && (m[1] == "" || !goesOn.MatchString(m[1])) {
		return "but MLflow's version is set with " + versionSetting + "."
	}
	return checkLine(extra)
}

// checkLine looks at one requirement. uv reads it in full later; here are the mistakes that deserve their own words.
func checkLine(line string) string {
	switch {
	case strings.HasPrefix(line, "-r") || strings.HasPrefix(line, "-c") || strings.HasPrefix(line, "--requirement"):
		return "but other files are not read: list the packages here."
	case strings.HasPrefix(line, "--index-url") || strings.HasPrefix(line, "-i ") || strings.HasPrefix(line, "--extra-index-url"):
		return "but an index is set with the config var UV_DEFAULT_INDEX or UV_INDEX."
	case strings.HasPrefix(line, "-") || strings.HasSuffix(line, `\`):
		return "but options of pip are not supported: only lines such as \"name==1.2\"."
	case strings.HasPrefix(line, ".") || strings.HasPrefix(line, "/"):
		return "but packages are installed from an index, not from a directory."
	case login.MatchString(line): // pip and uv note where a package came from beside it
		return "but a login in an address would end up in the slug: set it in UV_INDEX or UV_DEFAULT_INDEX."
	case provision.RequirementName(line) == "":
		return "which is not a requirement such as \"name==1.2\"."
	}
	return ""
}

func quoted(text string) string { return `"` + text + `"` }
