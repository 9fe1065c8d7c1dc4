// Package connect is what somebody pastes to reach a server from Python, a notebook, a shell or CI: one text for the
// command "client" and for what "local" prints. No password is ever in it but the default, which everybody knows.
package connect

import (
	"fmt"
	"strings"
)

// Snippet is a text to be pasted.
type Snippet struct {
	// Title says where it belongs.
	Title string
	// Text is of one or more lines, each with its line break.
	Text string
}

// Login is whose connection it is.
type Login struct {
	// URL is the server's address as clients reach it.
	URL string
	// User is the name to sign in with.
	User string
	// Default says that the password is the well-known one, which may be shown.
	Default bool
}

// knownPassword is the default that everybody knows.
const knownPassword = "mlflow"

// Python is the shortest program that logs a run.
func (l Login) Python() string {
	password := "…"
	if l.Default {
		password = knownPassword
	}
	return lines(
		"import os, mlflow",
		fmt.Sprintf("os.environ[\"MLFLOW_TRACKING_USERNAME\"] = %q", l.User),
		fmt.Sprintf("os.environ[\"MLFLOW_TRACKING_PASSWORD\"] = %q", password),
		fmt.Sprintf("mlflow.set_tracking_uri(%q)", l.URL),
		"with mlflow.start_run():",
		"    mlflow.log_metric(\"hello\", 1)",
	)
}

// Notebook asks for the password, so that it is in no saved cell.
func (l Login) Notebook() string {
	return lines(
		"%pip install --quiet mlflow",
		"import os, getpass, mlflow",
		fmt.Sprintf("os.environ[\"MLFLOW_TRACKING_USERNAME\"] = %q", l.User),
		"os.environ[\"MLFLOW_TRACKING_PASSWORD\"] = getpass.getpass(\"MLflow password: \")",
		fmt.Sprintf("mlflow.set_tracking_uri(%q)", l.URL),
	)
}

// Shell sets up a bash or zsh; the password is read, so that it is in no history.
func (l Login) Shell() string {
	return lines(
		"export MLFLOW_TRACKING_URI="+quote(l.URL),
		"export MLFLOW_TRACKING_USERNAME="+quote(l.User),
		"printf 'MLflow password: ' && read -rs MLFLOW_TRACKING_PASSWORD && export MLFLOW_TRACKING_PASSWORD && echo",
	)
}

// CI is a step of GitHub Actions with a token in place of a password.
func (l Login) CI() string {
	return lines(
		"# mlflow-server token new --user "+quote(l.User)+"   makes the token; keep it as the secret MLFLOW_TRACKING_TOKEN",
		"env:",
		"  MLFLOW_TRACKING_URI: "+yamlQuote(l.URL),
		"  MLFLOW_TRACKING_TOKEN: ${{ secrets.MLFLOW_TRACKING_TOKEN }}",
	)
}

// Snippets are all of them, in the order in which most people need them.
func (l Login) Snippets() []Snippet {
	return []Snippet{{"Python", l.Python()}, {"Notebook", l.Notebook()}, {"Shell", l.Shell()}, {"CI (GitHub Actions)", l.CI()}}
}

// Text is all of them for a terminal.
func (l Login) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Address  %s\nUser     %s\n", l.URL, l.User)
	for _, s := range l.Snippets() {
		fmt.Fprintf(&b, "\n# %s\n\n%s", s.Title, s.Text)
	}
	return b.String()
}

func lines(list ...string) string { return strings.Join(list, "\n") + "\n" }

// quote makes one word of a shell out of any text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// yamlQuote makes one scalar of YAML out of a line of text.
func yamlQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
