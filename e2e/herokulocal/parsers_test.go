package herokulocal

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
	"mlflow-server/internal/config"
)

// hostile values break out of careless quotes, are cut, or are expanded; each stands in single quotes, as .env.example
// asks for.
var hostile = []string{
	"$2b$12$abcdefghijklmnopqrstuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu", "a # b", "#", "${HOME}", "$HOME", "`id`", "$(id)", `back\slash`,
	`\n`, `say "hi"`, "a=b=c", " spaces around ", "größe ☃", "p@ss:w/rd%21&=?", "a,b\\,c", "export X=1", "{\"json\": [1, \"x\"]}", "*", "~", "!x", "a;b|c>d", "é",
}

// TestEveryValueSurvivesBothParsers writes one .env and reads it as "heroku local" does, which hands the values to the
// process, and as the server does where nobody has.
func TestEveryValueSurvivesBothParsers(t *testing.T) {
	heroku := harness.Require(t, "heroku")
	dir := t.TempDir()
	var file, want strings.Builder
	for i, value := range hostile {
		fmt.Fprintf(&file, "HOSTILE_%02d='%s'\n", i, value)
		fmt.Fprintf(&want, "%s\x00", value)
	}
	write(t, dir, ".env", file.String())
	write(t, dir, "Procfile", "web: python3 show.py\n")
	write(t, dir, "show.py", fmt.Sprintf("import os\nwith open('seen', 'w', encoding='utf-8') as f:\n    for i in range(%d): f.write(os.environ.get('HOSTILE_%%02d' %% i, '(unset)') + '\\0')\n", len(hostile)))

	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, heroku, "local", "web")
	cmd.Dir = dir
	cmd.Env = environment(t)
	if out, err := cmd.CombinedOutput(); err != nil && !strings.Contains(string(out), "exit") {
		t.Fatalf("%v\n%s", err, out)
	}
	seen, err := os.ReadFile(filepath.Join(dir, "seen"))
	if err != nil {
		t.Fatal(err)
	}
	environ, err := config.Environ(dir)
	if err != nil {
		t.Fatal(err)
	}
	lookup := config.LookupIn(environ)
	values := strings.Split(string(seen), "\x00")
	for i, value := range hostile {
		if values[i] != value {
			t.Errorf("heroku local makes %q of %q", values[i], value)
		}
		if own, _ := lookup(fmt.Sprintf("HOSTILE_%02d", i)); own != value {
			t.Errorf("the server makes %q of %q", own, value)
		}
	}
}

// environment is that of somebody with a new home, where heroku may keep what it likes; it asks nobody for updates.
func environment(t *testing.T) []string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CACHE_HOME=" + cache,
		"LANG=C.UTF-8", "HEROKU_DISABLE_AUTOUPDATE=1", "HEROKU_SKIP_NEW_VERSION_CHECK=true", "DISABLE_TELEMETRY=true", "CI=true"}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
