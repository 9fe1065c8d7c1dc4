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
	settings := Settings{
		"UV_DEFAULT_INDEX": "https://index", "UV_INDEX_OURS_PASSWORD": "p", "PIP_INDEX_URL": "https://pip", "HTTPS_PROXY": "http://proxy",
		"no_proxy": "here", "SSL_CERT_FILE": "/ca",
		"PATH": "/evil", "LD_PRELOAD": "/evil.so", "LIBRARY_PATH": "/evil", "CPATH": "/evil", "CPPATH": "/evil", "GIT_DIR": "/evil", "HOME": "/evil",
		"DATABASE_URL": "secret", "UV_CACHE_DIR": "/evil", "UV_PYTHON_INSTALL_DIR": "/evil", "UV_EMPTY": "", "PYTHONPATH": "/evil",
	}
	got := settings.environ([]string{"PATH=/usr/bin"})
	want := []string{"PATH=/usr/bin", "HTTPS_PROXY=http://proxy", "PIP_INDEX_URL=https://pip", "SSL_CERT_FILE=/ca",
		"UV_DEFAULT_INDEX=https://index", "UV_INDEX_OURS_PASSWORD=p", "no_proxy=here"}
	if !slices.Equal(got, want) {
		t.Errorf("the environment is %q", got)
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
