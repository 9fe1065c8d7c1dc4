package report

import (
	"fmt"
	"os"
	"strings"

	"mlflow-server/bench/artifacts"
	"mlflow-server/bench/fasttrack"
	"mlflow-server/bench/result"
	"mlflow-server/bench/slug"
)

// Between these lines of the readme stands the short table.
const (
	tableBegins = "<!-- figures: written by \"go run ./bench report\" -->\n"
	tableEnds   = "<!-- end of figures -->\n"
)

// highlight is a row of the short table: a figure of a claim, as people would ask for it.
type highlight struct{ claim, figure, says string }

var highlights = []highlight{
	{"login", "Beside `mlflow server --app-name basic-auth`, requests/s", "Requests/s behind a login"},
	{"throughput", "training and looking, mixed, 8 connections, requests/s", "Requests/s of training jobs and people looking"},
	{fasttrack.Name, "`runs/log-metric`, 8 connections, requests/s", "`log-metric` calls per second, PostgreSQL"},
	{fasttrack.Name, "`runs/log-batch` of 100, 8 connections, requests/s", "`log-batch` calls of 100 metrics per second"},
	{fasttrack.Name, "`runs/get`, 8 connections, requests/s", "`runs/get` calls per second"},
	{"memory", "2 workers, after 1000 requests, MB", "Memory with 2 workers after 1,000 requests"},
	{"boot", "empty database: start to the first 200, s", "From the start to the first answer"},
	{artifacts.Name, "up, 256 MB, MB/s", "Upload of 256 MB"},
	{artifacts.Name, "down, 256 MB, MB/s", "Download of 256 MB"},
	{artifacts.Name, "first byte, 256 MB, s", "First byte of that download"},
	{"firstpage", "runs of an experiment, first visit: bytes, kB", "First visit of an experiment's page"},
	{slug.Name, "packages: as tar.gz -6, MB", "Compressed size of the packages"},
}

// shortTable is the table for the results that there are. A row whose result has no such figure is an error: it has been
// renamed.
func shortTable(all []result.Result) (string, error) {
	var b strings.Builder
	b.WriteString("| | mlflow-server | beside it | ratio |\n|-|-|-|-|\n")
	for _, h := range highlights {
		for _, r := range all {
			if r.Claim != h.claim {
				continue
			}
			f, ok := r.Figure(h.figure)
			if !ok {
				return "", fmt.Errorf("the result of %s has no figure %q", h.claim, h.figure)
			}
			fmt.Fprintln(&b, f.Short(h.says))
		}
	}
	return b.String(), nil
}

// updateReadme replaces the short table. A file without the lines around it, or none, is left alone.
func updateReadme(results, readme string) error {
	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}
	updated, err := Readme(results, string(text))
	if err != nil || updated == string(text) {
		return err
	}
	return os.WriteFile(readme, []byte(updated), 0o644)
}

// Readme is a readme's text with the short table for the results in a directory.
func Readme(results, text string) (string, error) {
	all, err := load(results)
	if err != nil {
		return "", err
	}
	table, err := shortTable(all)
	if err != nil {
		return "", err
	}
	before, rest, begins := strings.Cut(text, tableBegins)
	_, after, ends := strings.Cut(rest, tableEnds)
	if !begins || !ends {
		return "", fmt.Errorf("the readme has no place for the figures, between %q and %q", strings.TrimSpace(tableBegins), strings.TrimSpace(tableEnds))
	}
	return before + tableBegins + table + tableEnds + after, nil
}
