package provision

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSettingsForPipReachUV(t *testing.T) {
	home := t.TempDir()
	writeFile(t, filepath.Join(home, ".config", "pip", "pip.conf"), `
[global]
index-url = https://user:secret@index.example/simple
# a remark
extra_index_url =
    https://one.example/simple
    https://two.example/simple
[freeze]
cert = /not/this/one.pem
[install]
cert = /etc/company.pem
`, 0o600)
	for name, c := range map[string]struct {
		environ []string
		want    map[string]string
	}{
		"from the user's file": {
			[]string{"HOME=" + home},
			map[string]string{
				"UV_DEFAULT_INDEX": "https://user:secret@index.example/simple",
				"UV_INDEX":         "https://one.example/simple https://two.example/simple", "SSL_CERT_FILE": "/etc/company.pem",
			},
		},
		"from variables, which win over the file": {
			[]string{"HOME=" + home, "PIP_INDEX_URL=https://variable.example/", "PIP_EXTRA_INDEX_URL=https://three.example/"},
			map[string]string{"UV_DEFAULT_INDEX": "https://variable.example/", "UV_INDEX": "https://three.example/"},
		},
		"not over uv's own": {
			[]string{"HOME=" + home, "UV_INDEX_URL=https://uv.example/", "UV_INDEX=https://four.example/", "SSL_CERT_FILE=/mine.pem"},
			map[string]string{"UV_DEFAULT_INDEX": "", "UV_INDEX": "https://four.example/", "SSL_CERT_FILE": "/mine.pem"},
		},
		"not when pip's files are switched off": {
			[]string{"HOME=" + home, "PIP_CONFIG_FILE=" + os.DevNull},
			map[string]string{"UV_DEFAULT_INDEX": "", "UV_INDEX": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := newInstallation(Options{Environ: c.environ})
			if err != nil {
				t.Fatal(err)
			}
			for variable, want := range c.want {
				if got := value(in.environ, variable); got != want {
					t.Errorf("%s is %q, want %q", variable, got, want)
				}
			}
		})
	}
}

func TestVariablesOfAnotherInstallationAreKeptFromUV(t *testing.T) {
	in, err := newInstallation(Options{Environ: []string{
		"HOME=/h", "VIRTUAL_ENV=/v", "UV_TARGET=/t", "PIP_USER=1", "PYTHONPATH=/p", "UV_HTTP_TIMEOUT=90", "HTTPS_PROXY=http://proxy:3128",
	}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"VIRTUAL_ENV": "", "UV_TARGET": "", "PIP_USER": "", "PYTHONPATH": "", "UV_HTTP_TIMEOUT": "90", "HTTPS_PROXY": "http://proxy:3128",
	} {
		if got := value(in.environ, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}
