package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	const text = "hunter2"
	user := User{Name: "ann", Password: text}
	backend := &Backend{URI: text}
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("loaded", "secret", Secret(text), "user", user, "backend", backend)
	}
	printed := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%5.1f", "%T %v"} {
		printed += fmt.Sprintf(verb, Secret(text)) + fmt.Sprintf(verb, user) + fmt.Sprintf(verb, backend) + fmt.Sprintf(verb, []User{user})
	}
	marshalled, err := json.Marshal([]any{Secret(text), user, backend, map[string]Secret{"a": text}})
	if err != nil {
		t.Fatal(err)
	}
	printed += string(marshalled) + Secret(text).String() + fmt.Sprint(Secret(text)) + fmt.Errorf("with %w", fmt.Errorf("%v", user)).Error()
	for _, form := range []string{text, fmt.Sprintf("%x", text), fmt.Sprintf("%X", text)} {
		if strings.Contains(printed, form) {
			t.Errorf("%s is shown in:\n%s", form, printed)
		}
	}
	if Secret(text).Reveal() != text {
		t.Error("the secret is lost")
	}
}
