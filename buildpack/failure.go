package buildpack

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"

	"mlflow-server/internal/provision"
)

// Failure is a build that cannot go on, in words for the person who pushed.
type Failure struct {
	// Key names the kind of failure in the report.
	Key string
	// Headline is one sentence that says what failed.
	Headline string
	// Lines say why, and then what to do.
	Lines []string
}

func (f *Failure) Error() string { return f.Headline }

// Print writes the failure as a red block, without any secret of the settings.
func (f *Failure) Print(to io.Writer, settings Settings, colour bool) {
	newOutput(to, settings).block(f, colour)
}

// purge is how to empty the cache of an app on Heroku.
const purge = "  heroku plugins:install heroku-builds && heroku builds:cache:purge"

// advice on Heroku, for the kinds of failures that an installation knows.
var advice = map[provision.Kind][]string{
	provision.NoSpace:       {"The disk of the build is full. Install fewer or smaller packages, or empty the build's cache:", purge},
	provision.NotWritable:   {"A directory cannot be written to. When it is in the cache, empty that and push again:", purge},
	provision.Unsatisfiable: {"Change requirements.txt, " + extrasSetting + " or " + versionSetting + ", then push again."},
	provision.WrongHash: {"A file is not the one that is pinned. A proxy or an index of your own must hand out the files " +
		"of the Python package index unchanged. Nothing of it was used."},
	provision.Unreachable: {"When the index is your own, check UV_DEFAULT_INDEX (and UV_INDEX, HTTPS_PROXY) with \"heroku config\". " +
		"Else it is probably down for a moment: push again."},
	provision.Untrusted: {"Set SSL_CERT_FILE to a file with the certificate authority of your proxy or index. When it is " +
		"certs/ca.pem of the app:", "  heroku config:set SSL_CERT_FILE=/app/certs/ca.pem"},
}

// explain makes a Failure of any error.
func explain(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	if errors.Is(err, context.Canceled) {
		return &Failure{Key: "interrupted", Headline: "The build was interrupted."}
	}
	var p *provision.Error
	if errors.As(err, &p) {
		f := &Failure{Key: string(p.Kind), Headline: sentence(p.Doing) + " failed."}
		if f.Key == "" {
			f.Key = "install"
		}
		if p.Kind != provision.NoSpace { // there it is the name of whichever file happened to be next
			f.Lines = append(fromError(strings.Split(p.Err.Error(), "\n")), "")
		}
		lines, known := advice[p.Kind]
		if !known && p.Advice != "" {
			lines = strings.Split(p.Advice, "\n")
		}
		if own, ok := hostDown[p.Doing]; ok && p.Kind == provision.Unreachable {
			lines = own
		}
		f.Lines = append(f.Lines, wrapped(lines...)...)
		return f
	}
	f = &Failure{Key: "internal", Headline: "The build failed.", Lines: strings.Split(err.Error(), "\n")}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		f.Key, f.Lines = string(provision.NoSpace), append(append(f.Lines, ""), wrapped(advice[provision.NoSpace]...)...)
	}
	return f
}

// hostDown is what to do when the host of a step that has its own cannot be reached.
var hostDown = map[string][]string{
	"getting uv":        {"The host of uv's releases was not reached. Check the network and HTTPS_PROXY, or push again when it is back."},
	"installing Python": {"Set UV_PYTHON_INSTALL_MIRROR to a mirror of uv's Python releases, or push again when their host is back."},
}

// fromError leaves out what uv said before the error: how far it had come.
func fromError(lines []string) []string {
	for i, line := range lines[1:] {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "error:") || strings.HasPrefix(text, "×") {
			return append(lines[:1:1], lines[1+i:]...)
		}
	}
	return lines
}

func sentence(text string) string {
	if text == "" {
		return "The installation"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
