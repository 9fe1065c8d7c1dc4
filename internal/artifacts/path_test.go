package artifacts

import (
	"bufio"
	"encoding/json"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// each goes through the lines of a table that testdata/paths.py has made with MLflow's own functions.
func each(t testing.TB, name string, do func(line []byte)) {
	t.Helper()
	file, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		do(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// stricter are the names that MLflow takes and this package refuses on purpose: with a scheme that Python's versions
// write differently, with a drive or a share by some of them, or not UTF-8.
var stricter = regexp.MustCompile(`(?i)^(file|http):|^.:[/\\]|^\\[/\\]|` + "\ufffd")

func TestPathsMeanWhatTheyMeanToMLflow(t *testing.T) {
	names, refused := 0, 0
	each(t, "paths.json", func(line []byte) {
		var row [2]*string
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		names++
		got, err := cleanPath(*row[0])
		switch {
		case err != nil && row[1] == nil:
			refused++
		case err != nil:
			if !stricter.MatchString(*row[1]) && !strings.Contains(*row[0], "file:") && !strings.Contains(*row[0], "http:") {
				t.Errorf("%q is refused, to MLflow it is %q", *row[0], *row[1])
			}
		case row[1] == nil:
			t.Errorf("%q is %q, MLflow refuses it", *row[0], got)
		case got != *row[1]:
			t.Errorf("%q is %q, to MLflow it is %q", *row[0], got, *row[1])
		}
	})
	if names < 5000 || refused < 1000 {
		t.Errorf("only %d names, %d refused", names, refused)
	}
}

func TestDownloadsAreCalledWhatMLflowCallsThem(t *testing.T) {
	each(t, "types.json", func(line []byte) {
		var row [3]string
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if got := attachment(row[0]); got != row[2] {
			t.Errorf("%q is %s, to MLflow it is %s", row[0], got, row[2])
		}
		name := row[0]
		if name == "" {
			name = "x"
		}
		// The system's own table has a word in it, which differs from machine to machine.
		if got := downloadType(name); got != row[1] && tables().types["."+path.Ext(name)] == row[1] {
			t.Errorf("%q is %s, to MLflow it is %s", row[0], got, row[1])
		}
	})
	for name, want := range map[string]string{"a.txt": "text/plain", "MLmodel": "text/plain", "x.json": "text/plain", "x.png": "image/png",
		"x.PNG": "image/png", "noext": "application/octet-stream", "t.tgz": "application/x-tar", "x.html": "text/html"} {
		if got := downloadType(name); got != want {
			t.Errorf("%s is %s", name, got)
		}
	}
}

// A clean path stays what it is, leads nowhere else and is found again under its own name.
func FuzzCleanPathsStayInTheStore(f *testing.F) {
	seeds := 0
	each(f, "paths.json", func(line []byte) {
		if seeds++; seeds%40 == 0 {
			var row [2]*string
			_ = json.Unmarshal(line, &row)
			f.Add(*row[0])
		}
	})
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := cleanPath(name)
		if err != nil {
			return
		}
		joined := path.Join("/base", clean)
		if joined != "/base" && !strings.HasPrefix(joined, "/base/") {
			t.Errorf("%q becomes %q, which is outside", name, clean)
		}
		if strings.ContainsFunc(clean, isControl) || strings.Contains(clean, "#") || absolute(clean) {
			t.Errorf("%q becomes %q", name, clean)
		}
		if strings.Contains(clean, "%") {
			return // escaped control characters are decoded again
		}
		if again, err := cleanPath(clean); err != nil || again != clean {
			t.Errorf("%q becomes %q, and that %q (%v)", name, clean, again, err)
		}
	})
}

func TestQueriesAreReadAsFlaskReadsThem(t *testing.T) {
	for query, want := range map[string]string{
		"path=a": "a", "x=1&path=a&path=b": "a", "path=": "", "path": "", "path=a;b": "a;b", "path=a+b%2B": "a b+", "path=%zz": "%zz",
		"path=%C3%B6": "ö", "p%61th=x": "x", "path=a=b": "a=b",
	} {
		if got, ok := queryValue(query, "path"); !ok || got != want {
			t.Errorf("%s: %q %v", query, got, ok)
		}
	}
	for _, query := range []string{"", "&", "Path=a", "other=path"} {
		if got, ok := queryValue(query, "path"); ok {
			t.Errorf("%s: %q", query, got)
		}
	}
}
