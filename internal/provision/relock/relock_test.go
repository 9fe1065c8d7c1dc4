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

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestACompiledFileThatIsNoLockIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a good one":       {"# head\na==1 \\\n    --hash=sha256:00\n    # via b\n", ""},
		"without a hash":   {"a==1\n    # via b\n", ":1 has no hash"},
		"with an index":    {"--index-url https://index.example/simple\na==1 \\\n    --hash=sha256:00\n", ":1 names a place"},
		"with an address":  {"a @ https://host.example/a.whl \\\n    --hash=sha256:00\n", ":1 names a place"},
		"without its last": {"a==1 \\\n    --hash=sha256:00\nb==2", ":3 has no hash"},
	} {
		err := check(write(t, c.text))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnotherUVIsPinnedWithItsPublishedChecksums(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "9.9.9") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, "%064d *%s\n", len(r.URL.Path), filepath.Base(r.URL.Path))
	}))
	defer server.Close()
	name := write(t, `{"uv": {"version": "0.1.0", "minimum": "0.1.0", "url": "`+server.URL+`/{version}/uv-{target}.tar.gz",
"archives": {"linux/amd64": {"target": "x", "sha256": "old"}}}, "python": {"managed": "3.13", "minimum": "3.10", "below": "3.15"}}`)
	if err := pinUV(t.Context(), name, "0.2.0"); err != nil {
		t.Fatal(err)
	}
	pins, err := readPins(name)
	if err != nil || pins.UV.Version != "0.2.0" || pins.UV.Minimum != "0.1.0" || len(pins.UV.Archives["linux/amd64"].SHA256) != 64 {
		t.Errorf("pinned %+v, %v", pins, err)
	}
	if err := pinUV(t.Context(), name, "9.9.9"); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a version that is not there: %v", err)
	}
	if after, _ := readPins(name); after.UV.Version != "0.2.0" {
		t.Errorf("it was pinned all the same: %+v", after)
	}
}
