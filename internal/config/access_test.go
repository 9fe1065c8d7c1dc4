package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const tokenHash = "abcdefghij.00000000000000000000000000000000000000000000000000000000000000ff"

func usersFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUsersComeFromAFile(t *testing.T) {
	path := usersFile(t, "ann:"+goodHash+"\nvic:"+goodHash+"\n")
	c := mustLoad(t, Serve, map[string]string{usersFileVariable: path, viewersVariable: "vic", tokensVariable: "ann:" + tokenHash})
	if len(c.Users) != 2 || c.Users[0] != (User{"ann", goodHash}) || c.UsersFile != path || c.DefaultLogin ||
		!slices.Equal(c.Viewers, []string{"vic"}) || len(c.Tokens) != 1 || c.Tokens[0].User != "ann" {
		t.Errorf("%+v", c)
	}
}

func TestAccessThatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		variables map[string]string
		want      string
	}{
		"a file that is missing":       {map[string]string{usersFileVariable: "missing"}, "MLFLOW_USERS_FILE: missing cannot be used: "},
		"a file with a plain password": {map[string]string{usersFileVariable: usersFile(t, "ann:hunter2")}, "MLFLOW_USERS_FILE: users cannot be used: line 1: the password is not a bcrypt hash"},
		"a file and a list": {map[string]string{usersFileVariable: usersFile(t, "ann:"+goodHash), usernameVariable: "ann"},
			"MLFLOW_USERS_FILE: MLFLOW_TRACKING_USERNAME is set too"},
		"a viewer who is no user":  {map[string]string{viewersVariable: "mlflow,hunter2"}, "MLFLOW_VIEWERS: viewer 2 is no user"},
		"a token for nobody":       {map[string]string{tokensVariable: "hunter2:" + tokenHash}, "MLFLOW_TOKENS: token 1 belongs to nobody"},
		"a token in plain text":    {map[string]string{tokensVariable: "mlflow:mlf_hunter2"}, "MLFLOW_TOKENS: token 1 is not of the form"},
		"a token twice":            {map[string]string{tokensVariable: "mlflow:" + tokenHash + ",mlflow:" + tokenHash}, "MLFLOW_TOKENS: token 2 has the same ID as token 1"},
		"a short secret":           {map[string]string{"MLFLOW_SESSION_SECRET": "hunter2"}, "MLFLOW_SESSION_SECRET: it has 7 characters"},
		"a password for a secret":  {map[string]string{"MLFLOW_SESSION_SECRET": strings.Repeat("hunter2", 5), passwordVariable: strings.Repeat("hunter2", 5)}, "MLFLOW_SESSION_SECRET: it is also a password"},
		"a year too long":          {map[string]string{"MLFLOW_SESSION_HOURS": "9000"}, "MLFLOW_SESSION_HOURS: "},
		"an unknown way to log in": {map[string]string{"MLFLOW_LOGIN": "Page"}, "MLFLOW_LOGIN: "},
		"an unknown part":          {map[string]string{"MLFLOW_OPEN_ROUTES": "jobs,all"}, "MLFLOW_OPEN_ROUTES: entry 2"},
		"a host with a port":       {map[string]string{allowedHostsVariable: "example.com:443"}, "MLFLOW_ALLOWED_HOSTS: entry 1"},
		"any host among others":    {map[string]string{allowedHostsVariable: "example.com,*"}, "MLFLOW_ALLOWED_HOSTS: entry 2"},
		"too many proxies":         {map[string]string{"MLFLOW_TRUSTED_PROXIES": "11"}, "MLFLOW_TRUSTED_PROXIES: 11 are too many"},
		"a proxy by name":          {map[string]string{"MLFLOW_TRUSTED_PROXIES": "10.0.0.1,lb.example.com"}, "MLFLOW_TRUSTED_PROXIES: entry 2"},
		"a dyno without a proxy":   {map[string]string{"MLFLOW_ALLOW_EPHEMERAL": "true", "DYNO": "web.1", "MLFLOW_TRUSTED_PROXIES": "0"}, "MLFLOW_TRUSTED_PROXIES: on a dyno"},
		"https without a proxy":    {map[string]string{"MLFLOW_FORCE_HTTPS": "true"}, "MLFLOW_FORCE_HTTPS: without MLFLOW_TRUSTED_PROXIES"},
	} {
		t.Run(name, func(t *testing.T) {
			line := mustReject(t, c.variables)
			if !strings.HasPrefix(line, c.want) || strings.Contains(line, "hunter2") {
				t.Errorf("got %s", line)
			}
		})
	}
}

func TestWhoIsBelievedAboutClients(t *testing.T) {
	for list, want := range map[string]Proxies{
		"": {}, "0": {}, "2": {Hops: 2},
		"10.0.0.7/8,::1": {Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}},
	} {
		c := mustLoad(t, Serve, map[string]string{"MLFLOW_TRUSTED_PROXIES": list})
		if c.TrustedProxies.Hops != want.Hops || !slices.Equal(c.TrustedProxies.Networks, want.Networks) || c.ForceHTTPS {
			t.Errorf("%q: %+v", list, c.TrustedProxies)
		}
	}
	c := mustLoad(t, Serve, map[string]string{"MLFLOW_ALLOW_EPHEMERAL": "true", "DYNO": "web.1"})
	if c.TrustedProxies.Hops != 1 || !c.ForceHTTPS {
		t.Errorf("on a dyno: %+v, %v", c.TrustedProxies, c.ForceHTTPS)
	}
	c = mustLoad(t, Serve, map[string]string{"MLFLOW_ALLOW_EPHEMERAL": "true", "DYNO": "web.1", "MLFLOW_FORCE_HTTPS": "false", "MLFLOW_TRUSTED_PROXIES": "2"})
	if c.TrustedProxies.Hops != 2 || c.ForceHTTPS {
		t.Errorf("with a CDN: %+v, %v", c.TrustedProxies, c.ForceHTTPS)
	}
}

func TestHostNamesThatAreAnswered(t *testing.T) {
	for _, c := range []struct {
		profile   Profile
		variables map[string]string
		want      []string
	}{
		{Serve, nil, nil},
		{Serve, map[string]string{"HEROKU_APP_DEFAULT_DOMAIN_NAME": "App-1.herokuapp.com"}, []string{"app-1.herokuapp.com"}},
		{Serve, map[string]string{"HEROKU_APP_DEFAULT_DOMAIN_NAME": "app-1.herokuapp.com", allowedHostsVariable: "ML.example.com,10.0.0.1,[::1]"},
			[]string{"ml.example.com", "10.0.0.1", "[::1]"}},
		{Serve, map[string]string{"HEROKU_APP_DEFAULT_DOMAIN_NAME": "app-1.herokuapp.com", allowedHostsVariable: "*"}, nil},
		{Local, nil, []string{"localhost", "127.0.0.1", "[::1]"}},
		{Local, map[string]string{allowedHostsVariable: "*"}, nil},
	} {
		if got := mustLoad(t, c.profile, c.variables).AllowedHosts; !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.variables, got, c.want)
		}
	}
}

func TestJobsOpenTheirRoutes(t *testing.T) {
	c := mustLoad(t, Serve, map[string]string{"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "true", "MLFLOW_OPEN_ROUTES": "gateway,webhooks"})
	if !slices.Equal(c.OpenRoutes, []string{"gateway", "webhooks", "jobs"}) {
		t.Errorf("%q", c.OpenRoutes)
	}
}

func TestTheRestOfTheGate(t *testing.T) {
	secret := strings.Repeat("s", 32)
	c := mustLoad(t, Serve, map[string]string{"MLFLOW_LOGIN": "basic", "MLFLOW_SESSION_SECRET": secret, "MLFLOW_SESSION_HOURS": "8",
		"MLFLOW_STAMP_USER": "true", "MLFLOW_AUDIT_LOG": "audit.log", "MLFLOW_MAX_REQUESTS": "0", "MLFLOW_MAX_REQUESTS_PER_USER": "7"})
	if !c.BrowserPrompt || c.SessionSecret.Reveal() != secret || c.SessionTime != 8*time.Hour || !c.StampUser ||
		c.AuditLog != filepath.Join(workingDirectory(t), "audit.log") || c.MaxRequests != 0 || c.MaxRequestsPerUser != 7 {
		t.Errorf("%+v", c)
	}
	if c := mustLoad(t, Serve, map[string]string{"MLFLOW_AUDIT_LOG": "stdout"}); c.AuditLog != Stdout {
		t.Errorf("%q", c.AuditLog)
	}
}
