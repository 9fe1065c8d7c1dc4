package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

const (
	readme     = "../../README.md"
	tableBegin = "<!-- variables: made from internal/config/variables.go; UPDATE_GOLDEN=true go test ./internal/config -->\n"
	tableEnd   = "<!-- end of variables -->\n"
)

// table is the README's list of variables.
func table() string {
	var b strings.Builder
	b.WriteString("| Variable | Meaning | Default | `local` |\n| - | - | - | - |\n")
	code := func(s string) string {
		if s == "" {
			return ""
		}
		return "`" + s + "`"
	}
	for _, v := range Variables {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", v.Name, strings.ReplaceAll(v.Description, "|", `\|`), code(v.Default), code(v.LocalDefault))
	}
	return b.String()
}

func TestTheReadmeListsEveryVariable(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tableBegin)
	listed, after, ended := strings.Cut(rest, tableEnd)
	if !found || !ended {
		t.Fatalf("%s lacks the marks %q and %q", readme, tableBegin, tableEnd)
	}
	if listed == table() {
		return
	}
	if os.Getenv("UPDATE_GOLDEN") != "true" {
		t.Fatalf("the table in %s is not the one of variables.go; set UPDATE_GOLDEN=true to renew it", readme)
	}
	if err := os.WriteFile(readme, []byte(before+tableBegin+table()+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
