package provision

import "testing"

func TestALoginInAnAddressIsNotRepeated(t *testing.T) {
	for text, want := range map[string]string{
		"fetching https://user:secret@host/simple/ failed": "fetching https://[redacted]@host/simple/ failed",
		"`https://token@host:8443/x?y=a@b`":                "`https://[redacted]@host:8443/x?y=a@b`",
		"http://a:p@ss@host/":                              "http://[redacted]@host/",
		"https://host/simple/mlflow@3":                     "https://host/simple/mlflow@3",
		"write to me@host":                                 "write to me@host",
		"two: https://a:b@c/ and https://d:e@f/":           "two: https://[redacted]@c/ and https://[redacted]@f/",
	} {
		if got := redact(text); got != want {
			t.Errorf("redact(%q) = %q, want %q", text, got, want)
		}
	}
}
