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
	if c := mustLoad(t, Serve, map[string]string{"MLFLOW_HOST": "127.0.0.1"}); c.AllowedHosts != nil {
		t.Errorf("a deployment, which may stand behind a proxy, allows only %q", c.AllowedHosts)
	}
}
