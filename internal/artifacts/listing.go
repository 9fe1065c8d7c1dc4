package artifacts

import (
	"fmt"
	"strconv"
	"strings"
)

// listing is MLflow's ListArtifacts.Response as JSON.
func listing(entries []entry) string {
	if len(entries) == 0 {
		return "{}"
	}
	var b strings.Builder
	b.WriteString("{\n  \"files\": [")
	for i, e := range entries {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n    {\n      \"path\": %s,\n      \"is_dir\": %v", jsonString(lastSegment(e.path), true), e.isDir)
		if !e.isDir && e.size != 0 {
			b.WriteString(",\n      \"file_size\": " + strconv.FormatInt(e.size, 10))
		}
		b.WriteString("\n    }")
	}
	b.WriteString("\n  ]\n}")
	return b.String()
}
