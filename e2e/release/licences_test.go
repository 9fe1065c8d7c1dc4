package release

import (
	"bufio"
	"maps"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
)

// licencesFile has the licence of every locked Python package. UPDATE_GOLDEN=true renews it from the installed packages;
// those that other Pythons and systems need are kept as they are.
const licencesFile = root + "/.ci/python-licences.txt"

// TestTheLicencesAreThoseThatThePackagesSay compares the list with the packages of the runtime and with the lock.
func TestTheLicencesAreThoseThatThePackagesSay(t *testing.T) {
	listed := licences(t)
	installed := installedLicences(t, harness.Runtime(t).SitePackages)
	if os.Getenv("UPDATE_GOLDEN") == "true" {
		maps.Copy(listed, installed)
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(listed)) {
			b.WriteString(name + "\t" + listed[name] + "\n")
		}
		if err := os.WriteFile(licencesFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, licence := range installed {
		if listed[name] != licence {
			t.Errorf("the licence of %s is %q, and %q in the list", name, licence, listed[name])
		}
	}
	locked := lockedNames(t)
	for _, name := range locked {
		if listed[name] == "" {
			t.Errorf("%s is locked and has no licence in the list", name)
		}
	}
	for name := range listed {
		if !slices.Contains(locked, name) {
			t.Errorf("%s is in the list and not in the lock", name)
		}
	}
}

func licences(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(licencesFile)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, licence, _ := strings.Cut(strings.TrimSpace(line), "\t")
		of[name] = licence
	}
	return of
}

// lockedNames are the packages of the lock, which has some in two versions.
func lockedNames(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile(root + "/internal/provision/lock/requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==`).FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return names
}

var separators = regexp.MustCompile(`[-_.]+`)

// installedLicences reads what packages say about themselves.
// Source: https://packaging.python.org/en/latest/specifications/core-metadata/
func installedLicences(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.dist-info", "METADATA"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d packages are installed (%v)", len(files), err)
	}
	of := map[string]string{}
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		// The headers end at an empty line; an error is one of the text that follows.
		head, err := textproto.NewReader(bufio.NewReader(file)).ReadMIMEHeader()
		file.Close()
		if len(head) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		of[strings.ToLower(separators.ReplaceAllString(head.Get("Name"), "-"))] = licenceOf(head)
	}
	return of
}

// licenceOf is the licence by its name: newer packages say it in SPDX's terms, older ones in a line or by their class; some put the
// whole text into the line.
func licenceOf(head textproto.MIMEHeader) string {
	if expression := head.Get("License-Expression"); expression != "" {
		return expression
	}
	var classes []string
	for _, class := range head.Values("Classifier") {
		if strings.HasPrefix(class, "License :: ") {
			classes = append(classes, class[strings.LastIndex(class, ":")+2:])
		}
	}
	line := head.Get("License")
	switch {
	case line != "" && len(line) <= 40:
		return line
	case len(classes) > 0:
		return strings.Join(classes, ", ")
	}
	return "unknown"
}
