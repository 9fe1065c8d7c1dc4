package front

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/bench/load"
	"mlflow-server/e2e/harness"
)

// A front that lets everybody in would be an unfair peer.
func TestFrontsAskForTheLoginAndPassOn(t *testing.T) {
	harness.Require(t, "nginx")
	harness.Require(t, "openssl")
	const user, password = "ann", "correct horse battery staple"
	dir := t.TempDir()
	upstream, err := Null(Options{Dir: dir, Name: "upstream"})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, upstream)
	apr1, err1 := APR1(user, password)
	bcrypt, err2 := Bcrypt(password, 5)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	page := load.Request{Method: "GET", Path: "/any"}
	type kind struct {
		name, hash string
		start      func(Options) (*Front, error)
	}
	kinds := []kind{{"nginx, apr1", apr1, Nginx}, {"nginx, bcrypt", bcrypt, Nginx}, {"nginx without users", "", Nginx}}
	if program, err := FindCaddy(t.Context(), false); err == nil { // no distribution that tests run on has it
		kinds = append(kinds, kind{"Caddy", bcrypt, func(o Options) (*Front, error) { return Caddy(program, o) }})
	}
	for _, c := range kinds {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Dir: dir, Name: c.name, Upstreams: []string{upstream.Address}}
			if c.hash != "" {
				o.Users = filepath.Join(dir, "users")
				if err := os.WriteFile(o.Users, []byte("bob:"+c.hash+"\n"+user+":"+c.hash+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f, err := c.start(o)
			if err != nil {
				t.Fatal(err)
			}
			defer stop(t, f)
			if err := f.Ready(t.Context(), f.Load(user, password), page); err != nil {
				t.Fatal(err)
			}
			if body, err := load.Do(t.Context(), f.Load(user, password), page); err != nil || body != "OK" {
				t.Errorf("with the right password: %q, %v", body, err)
			}
			_, err = load.Do(t.Context(), f.Load(user, "wrong"), page)
			if refused := err != nil && strings.Contains(err.Error(), "401"); refused != (c.hash != "") {
				t.Errorf("with a wrong password: %v", err)
			}
		})
	}
}

func TestWhatIsMissingIsNamedWithTheWayToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", "")
	_, noNginx := Nginx(Options{Dir: t.TempDir(), Name: "x"})
	_, noOpenSSL := APR1("ann", "secret")
	_, noCaddy := FindCaddy(t.Context(), false)
	for want, err := range map[string]error{"apt-get install nginx": noNginx, "apt-get install openssl": noOpenSSL, "go run ./bench install": noCaddy} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}

func stop(t *testing.T, f *Front) {
	t.Helper()
	if err := f.Stop(); err != nil {
		t.Error(err)
	}
}
