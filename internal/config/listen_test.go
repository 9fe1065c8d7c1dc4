package config

import (
	"slices"
	"strings"
	"testing"
)

func TestHostsThatCanBeListenedOn(t *testing.T) {
	for host, addr := range map[string]string{
		"127.0.0.1": "127.0.0.1:80", "::1": "[::1]:80", "[::1]": "[::1]:80", "::": "[::]:80", "fe80::1%eth0": "[fe80::1%eth0]:80",
		"localhost": "localhost:80", "db-1.example.com": "db-1.example.com:80", "my_container": "my_container:80", "a1.": "a1.:80",
	} {
		if c := mustLoad(t, Serve, map[string]string{"MLFLOW_HOST": host}); c.Addr() != addr {
			t.Errorf("%s: listens on %s, want %s", host, c.Addr(), addr)
		}
	}
}

func TestHostsThatAreNone(t *testing.T) {
	for _, host := range []string{"256.0.0.1", "1.2.3", "80", "host:80", "127.0.0.1:80", "[::1]:80", "[::1", "::1]", "http://host", "a b", " host",
		"-a", "a-", "a..b", "*", "bücher.example", "host/", ".", "user@host"} {
		if line := mustReject(t, map[string]string{"MLFLOW_HOST": host}); !strings.HasPrefix(line, "MLFLOW_HOST: ") {
			t.Errorf("%q: %s", host, line)
		}
	}
}

func TestLoopback(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "localhost", "LocalHost", "localhost.", "app.localhost"} {
		if !isLoopback(host) {
			t.Errorf("%s is loopback", host)
		}
	}
	for _, host := range []string{"", "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "::2", "localhost.example.com", "notlocalhost"} {
		if isLoopback(host) {
			t.Errorf("%s is not loopback", host)
		}
	}
}

func TestALocalServerAnswersToItsOwnNamesOnly(t *testing.T) {
	usual := []string{"localhost", "127.0.0.1", "[::1]"}
	for host, want := range map[string][]string{
		"": usual, "127.0.0.1": usual, "localhost": usual, "::1": usual,
		"127.0.0.2": append(slices.Clone(usual), "127.0.0.2"), "fd00::1": append(slices.Clone(usual), "[fd00::1]"),
		"Desk.lan": append(slices.Clone(usual), "desk.lan"), "0.0.0.0": nil, "::": nil,
	} {
		if c := mustLoad(t, Local, map[string]string{"MLFLOW_HOST": host}); !slices.Equal(c.AllowedHosts, want) {
			t.Errorf("%s: allows %q, want %q", host, c.AllowedHosts, want)
		}
	}
	// So does a deployment on loopback, such as "heroku local" with the well-known password of .env.example: a page of
	// any site could else come in by rebinding its name. Behind a proxy it has names that nobody knows here.
	for variables, want := range map[string][]string{
		"MLFLOW_HOST=127.0.0.1": usual, "MLFLOW_HOST=localhost": usual, "MLFLOW_HOST=0.0.0.0": nil, "MLFLOW_HOST=10.0.0.1": nil,
		"MLFLOW_HOST=127.0.0.1 MLFLOW_TRUSTED_PROXIES=0":                 usual,
		"MLFLOW_HOST=127.0.0.1 MLFLOW_TRUSTED_PROXIES=1":                 nil,
		"MLFLOW_HOST=127.0.0.1 MLFLOW_TRUSTED_PROXIES=127.0.0.1":         nil,
		"MLFLOW_HOST=127.0.0.1 MLFLOW_ALLOWED_HOSTS=*":                   nil,
		"MLFLOW_HOST=127.0.0.1 MLFLOW_ALLOWED_HOSTS=a.example":           {"a.example"},
		"MLFLOW_HOST=127.0.0.1 HEROKU_APP_DEFAULT_DOMAIN_NAME=a.example": {"a.example"},
		"MLFLOW_HOST=127.0.0.1 DYNO=web.1 MLFLOW_ALLOW_EPHEMERAL=true":   nil,
	} {
		set := map[string]string{}
		for pair := range strings.FieldsSeq(variables) {
			name, value, _ := strings.Cut(pair, "=")
			set[name] = value
		}
		if c := mustLoad(t, Serve, set); !slices.Equal(c.AllowedHosts, want) {
			t.Errorf("%s: allows %q, want %q", variables, c.AllowedHosts, want)
		}
	}
}
