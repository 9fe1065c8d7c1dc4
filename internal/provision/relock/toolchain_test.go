package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const manifest = "# what this is\nlinux-amd64 1.26.5 aa https://old/amd64\nlinux-arm64 1.26.5 bb https://old/arm64\n"

func TestAnotherGoIsPinnedForEveryPlatformOrForNone(t *testing.T) {
	missing := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if missing != "" && strings.Contains(r.URL.Path, missing) {
			http.NotFound(w, r)
			return
		}
		digit := "1"
		if strings.Contains(r.URL.Path, "arm64") {
			digit = "2"
		}
		fmt.Fprint(w, strings.Repeat(digit, 64))
	}))
	defer server.Close()
	name := filepath.Join(t.TempDir(), "toolchain.txt")
	if err := os.WriteFile(name, []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	url := server.URL + "/go{version}.{platform}.tar.gz"

	missing = "arm64"
	if err := pinGo(t.Context(), name, url, "1.27.1"); err == nil {
		t.Error("a platform without a checksum was pinned")
	}
	if got, _ := os.ReadFile(name); string(got) != manifest {
		t.Errorf("the manifest is\n%s", got)
	}

	missing = ""
	if err := pinGo(t.Context(), name, url, "1.27.1"); err != nil {
		t.Fatal(err)
	}
	want := "# what this is\n"
	for digit, platform := range []string{"linux-amd64", "linux-arm64"} {
		want += fmt.Sprintf("%s 1.27.1 %s %s/go1.27.1.%s.tar.gz\n", platform, strings.Repeat(fmt.Sprint(digit+1), 64), server.URL, platform)
	}
	if got, _ := os.ReadFile(name); string(got) != want {
		t.Errorf("the manifest is\n%s\nnot\n%s", got, want)
	}
}
