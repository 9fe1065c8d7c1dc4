package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// goURL is where a Go toolchain is; its checksum lies beside it, with ".sha256" added.
const goURL = "https://dl.google.com/go/go{version}.{platform}.tar.gz"

// pinGo writes another version of Go into the manifest that bin/compile reads, with the checksums that are published
// beside its archives. Every platform of the manifest gets that version, or the manifest stays as it is.
func pinGo(ctx context.Context, name, url, version string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var out strings.Builder
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) != 4 || strings.HasPrefix(line, "#") {
			out.WriteString(line)
			continue
		}
		at := strings.NewReplacer("{version}", version, "{platform}", fields[0]).Replace(url)
		sum, err := publishedSum(ctx, at+".sha256")
		if err != nil {
			return fmt.Errorf("getting the checksum of Go %s for %s: %w", version, fields[0], err)
		}
		fmt.Fprintln(&out, fields[0], version, sum, at)
	}
	return os.WriteFile(name, []byte(out.String()), 0o644)
}
