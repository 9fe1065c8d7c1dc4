package console

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

// pages are visited on both servers, with a text that shows that each is there.
func pages(made browser.Trained) [][2]string {
	experiment, run := "/#/experiments/"+made.Experiment, "/#/experiments/"+made.Experiment+"/runs/"+made.Runs["8"]
	return [][2]string{
		{"/", "house prices"},
		{experiment + "/runs", "forest of depth 8"},
		{experiment + "/runs?compareRunsMode=CHART", "rmse"},
		{run, "squared error"},
		{run + "/artifacts", "plots"},
		{"/#/compare-runs?runs=[%22" + made.Runs["8"] + "%22,%22" + made.Runs["5"] + "%22]&experiments=[%22" + made.Experiment + "%22]", "Comparing 2 Runs"},
		{experiment + "/traces", "12 Elm Street"},
		{"/#/models/price%20of%20a%20house", "The best forest"},
	}
}

// visit looks at all pages and returns what the console shows as errors.
func visit(t *testing.T, v *browser.Visitor, url string, made browser.Trained) []string {
	t.Helper()
	for _, page := range pages(made) {
		t.Log(page[0])
		v.Do(
			chromedp.Navigate(url+page[0]),
			browser.Until(`document.body.textContent.includes("`+page[1]+`")`),
		)
		v.Settle()
	}
	var kinds []string
	for _, line := range v.Errors() {
		if !strings.Contains(line, "ResizeObserver loop") { // comes and goes with the speed of the machine, on both
			kinds = append(kinds, kind(line))
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

var differing = regexp.MustCompile(`https?://(127\.0\.0\.1|` + regexp.QuoteMeta(browser.Name) + `):\d+|\b[0-9a-f]{8}[0-9a-f-]*\b|:\d+|\d{5,}`)

// kind is a message without what differs from one server or visit to the next: addresses, ids, places in a file.
func kind(line string) string {
	line, _, _ = strings.Cut(line, "\n") // the rest is a stack
	return differing.ReplaceAllString(line, "…")
}

// The server is visited on a foreign name behind a front that ends TLS, as on Heroku, MLflow as it stands: it is there that
// policies, origins and cookies could get into the way of MLflow's pages.
func TestTheConsoleShowsNoErrorThatMLflowAloneDoesNotShow(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{Env: browser.Behind()})
	gate := browser.Front(t, server.URL)
	outside := server.Client
	outside.URL = gate.URL
	made := browser.Train(t, outside)
	expected := visit(t, browser.Open(t), startMLflow(t, server.Dir), made)
	t.Logf("MLflow alone shows %d kinds of errors:\n%s", len(expected), strings.Join(expected, "\n"))

	v := browser.Abroad(t)
	outside.URL = browser.Home(t, gate)
	v.SignIn(outside)
	v.Do(browser.Until(`document.body.textContent.includes("Experiments")`)) // else the next visit breaks this one off
	for _, line := range visit(t, v, outside.URL, made) {
		if !slices.Contains(expected, line) {
			t.Errorf("the console shows: %s", line)
		}
	}
}
