package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headingPattern = regexp.MustCompile(`(?m)^#+ (.*)$`)
	fencePattern   = regexp.MustCompile("(?ms)^```.*?^```")
	testPattern    = regexp.MustCompile(`go (?:test|run)(?: -v)? (\./[\w/.-]+)`)
	notInAnchors   = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
)

// TestThePagesLeadSomewhere follows every link of the pages to another page, its heading or a file, and every package that a
// page says to run.
func TestThePagesLeadSomewhere(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "terraform/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	if len(pages) < 20 {
		t.Fatalf("there are %d pages", len(pages))
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linkPattern.FindAllStringSubmatch(fencePattern.ReplaceAllString(string(text), ""), -1) {
			follow(t, page, link[1])
		}
		for _, name := range testPattern.FindAllStringSubmatch(string(text), -1) {
			dir := strings.TrimSuffix(strings.TrimRight(name[1], "."), "/")
			if info, err := os.Stat(filepath.Join(root, dir)); err != nil || !info.IsDir() {
				t.Errorf("%s: there is no %s", page, name[1])
			}
		}
	}
}

func follow(t *testing.T, page, link string) {
	t.Helper()
	if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
		return
	}
	file, anchor, _ := strings.Cut(link, "#")
	target := page
	if file != "" {
		target = filepath.Join(filepath.Dir(page), file)
	}
	info, err := os.Stat(target)
	if err != nil {
		t.Errorf("%s leads to %s: %v", page, link, err)
		return
	}
	if anchor == "" || info.IsDir() || filepath.Ext(target) != ".md" {
		return
	}
	text, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	for _, heading := range headingPattern.FindAllStringSubmatch(fencePattern.ReplaceAllString(string(text), ""), -1) {
		if anchorOf(heading[1]) == anchor {
			return
		}
	}
	t.Errorf("%s leads to %s: there is no such heading", page, link)
}

// anchorOf is what GitHub makes of a heading.
func anchorOf(heading string) string {
	heading = linkPattern.ReplaceAllString(heading, "]")
	return strings.ReplaceAll(strings.ToLower(notInAnchors.ReplaceAllString(strings.TrimSpace(heading), "")), " ", "-")
}
