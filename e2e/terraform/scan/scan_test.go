package scan_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlflow-server/e2e/harness"
	"mlflow-server/e2e/terraform/cloud"
)

// TestThePolicyScannerFindsNothingUnexplained runs checkov, which excuses only what a comment in the configuration excuses by name and
// with a reason.
func TestThePolicyScannerFindsNothingUnexplained(t *testing.T) {
	program := harness.Require(t, "checkov")
	dir := filepath.Join(t.TempDir(), "terraform")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(cloud.Repository(t), "terraform"))); err != nil {
		t.Fatal(err)
	}
	// The examples only call the root; tests are no resources, and checkov does not read all of their language.
	for _, left := range []string{"examples", "tests", ".terraform"} {
		if err := os.RemoveAll(filepath.Join(dir, left)); err != nil {
			t.Fatal(err)
		}
	}
	// The exit status says that there are findings, and no more; the report says which.
	command := exec.CommandContext(t.Context(), program, "-d", dir, "--framework", "terraform", "--skip-download", "--compact", "-o", "json")
	out, err := command.Output()
	var report struct {
		Summary struct {
			Passed, Failed, Skipped int
			ParsingErrors           int `json:"parsing_errors"`
			ResourceCount           int `json:"resource_count"`
		}
		Results struct {
			Failed []struct {
				ID       string `json:"check_id"`
				Name     string `json:"check_name"`
				Resource string
			} `json:"failed_checks"`
			Skipped []struct {
				ID       string `json:"check_id"`
				Resource string
				Result   struct {
					Reason string `json:"suppress_comment"`
				} `json:"check_result"`
			} `json:"skipped_checks"`
		}
	}
	if parse := json.Unmarshal(out, &report); parse != nil {
		t.Fatalf("checkov says no JSON (%v, %v):\n%s", err, parse, harness.Tail(string(out), 20))
	}
	for _, finding := range report.Results.Failed {
		t.Errorf("%s: %s (%s)", finding.Resource, finding.Name, finding.ID)
	}
	for _, excuse := range report.Results.Skipped {
		if len(strings.Fields(excuse.Result.Reason)) < 2 {
			t.Errorf("%s is excused from %s without a reason", excuse.Resource, excuse.ID)
		}
	}
	if report.Summary.ParsingErrors > 0 || report.Summary.Passed < 150 {
		t.Errorf("checkov has not read everything: %+v", report.Summary)
	}
	cloud.CheckFigure(t, "Findings of checkov that are not explained", report.Summary.Failed)
	cloud.CheckFigure(t, "Findings of checkov that a comment in the configuration explains", report.Summary.Skipped)
	t.Logf("%+v", report.Summary)
}
