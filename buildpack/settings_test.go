package buildpack

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSettingsAreTheFilesOfENV_DIR(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "A"), "one\ntwo\n")
	writeFile(t, filepath.Join(dir, "EMPTY"), "")
	if err := os.Mkdir(filepath.Join(dir, "directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSettings(dir)
	if err != nil || len(got) != 2 || got["A"] != "one\ntwo" || got["EMPTY"] != "" {
		t.Errorf("read %q, %v", got, err)
	}
	if got, err := ReadSettings(filepath.Join(dir, "none")); err != nil || len(got) != 0 {
		t.Errorf("a directory that is not there: %q, %v", got, err)
	}
}

func TestOnlySettingsForTheNetworkGetIntoTheEnvironment(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, ca, "")
	settings := Settings{
		"UV_DEFAULT_INDEX": "https://index", "UV_INDEX_OURS_PASSWORD": "p", "PIP_INDEX_URL": "https://pip", "HTTPS_PROXY": "http://proxy",
		"no_proxy": "here", "SSL_CERT_FILE": ca,
		"PATH": "/evil", "LD_PRELOAD": "/evil.so", "LIBRARY_PATH": "/evil", "CPATH": "/evil", "CPPATH": "/evil", "GIT_DIR": "/evil", "HOME": "/evil",
		"DATABASE_URL": "secret", "UV_CACHE_DIR": "/evil", "UV_PYTHON_INSTALL_DIR": "/evil", "UV_EMPTY": "", "PYTHONPATH": "/evil",
	}
	got := settings.environ(t.TempDir(), []string{"PATH=/usr/bin"})
	want := []string{"PATH=/usr/bin", "HTTPS_PROXY=http://proxy", "PIP_INDEX_URL=https://pip", "SSL_CERT_FILE=" + ca,
		"UV_DEFAULT_INDEX=https://index", "UV_INDEX_OURS_PASSWORD=p", "no_proxy=here"}
	if !slices.Equal(got, want) {
		t.Errorf("the environment is %q", got)
	}
}

func TestAFileOfTheAppIsFoundWhereItLiesDuringTheBuild(t *testing.T) {
	app, outside := filepath.Join(t.TempDir(), "build of an app"), filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, filepath.Join(app, "certs", "ca.pem"), "")
	writeFile(t, outside, "")
	for _, test := range []struct{ name, value, want string }{
		{"SSL_CERT_FILE", "/app/certs/ca.pem", filepath.Join(app, "certs/ca.pem")},
		{"SSL_CERT_DIR", "/app/certs", filepath.Join(app, "certs")},
		{"UV_CONFIG_FILE", "/app/certs/ca.pem", filepath.Join(app, "certs/ca.pem")},
		{"PIP_CERT", outside, outside},
		{"CURL_CA_BUNDLE", "/app/other.pem", ""},
		{"SSL_CERT_FILE", "/nonexistent/ca.pem", ""},
		{"SSL_CERT_DIR", "/app/certs:/etc/ssl", "/app/certs:/etc/ssl"},
		{"UV_FIND_LINKS", "/app/other", "/app/other"}, // no file that stops a program
	} {
		got := Settings{test.name: test.value}.environ(app, nil)
		if want := test.name + "=" + test.want; test.want == "" && len(got) > 0 || test.want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%s=%s becomes %q", test.name, test.value, got)
		}
	}
}

func TestATokenInOneOfSeveralAddressesIsNotPrinted(t *testing.T) {
	var log strings.Builder
	out := newOutput(&log, Settings{
		"UV_INDEX": "ours=https://host.example/token-one/simple https://someone:token-two@other.example/token-three/simple/",
		"GOPROXY":  "https://someone:token-four@go.example/token-five/go,https://third.example/token-six|direct", "GOFLAGS": "-toolexec=token-seven -v",
		"NO_PROXY": "localhost,index.internal.example",
	})
	for _, line := range []string{
		"https://host.example/token-one/simple/six/", "https://other.example/token-three/simple/six/", "someone:token-two",
		"https://someone:xxxxx@go.example/token-five/go/mod", "token-four", "https://third.example/token-six/mod/@v/list", "-toolexec=token-seven",
		"index.internal.example is asked",
	} {
		out.Note(line)
	}
	if strings.Contains(log.String(), "token") || !strings.Contains(log.String(), "index.internal.example is asked") ||
		!strings.Contains(log.String(), "https://other.example[hidden]/six/") {
		t.Errorf("the log is\n%s", &log)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	settings := Settings{
		"MLFLOW_TRACKING_PASSWORD": "hunter22hunter22", "PREFIX": "hunter22", "UV_DEFAULT_INDEX": "https://user:token-in-url@index.example.com/simple",
		versionSetting: "3.17.2", extrasSetting: "tabulate==0.9.0", "FLAG": "true", "KEY": "-----BEGIN\nline-of-a-key\n",
	}
	var log strings.Builder
	out := newOutput(&log, settings)
	out.Note("password hunter22hunter22, then hunter22, https://user:token-in-url@index.example.com/simple/six/")
	out.Note("line-of-a-key https://other:login@example.com/ is true for tabulate==0.9.0 and 3.17.2")
	out.block(&Failure{Headline: "It failed with token-in-url.", Lines: []string{"hunter22"}}, true)
	for _, secret := range []string{"hunter", "token", "line-of-a-key", "login"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s is in\n%s", secret, &log)
		}
	}
	if !strings.Contains(log.String(), "is true for tabulate==0.9.0 and 3.17.2") {
		t.Errorf("what is no secret has gone from\n%s", &log)
	}
}

func hexOf(text []byte) string { sum := sha256.Sum256(text); return hex.EncodeToString(sum[:]) }
