package tour

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

func TestAPersonDoesADaysWorkOnAServerAsOnHeroku(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{Env: browser.Behind()})
	gate := browser.Front(t, server.URL)
	outside := server.Client
	outside.URL = gate.URL
	made := browser.Train(t, outside)

	home, v := browser.Home(t, gate), browser.Abroad(t)
	experiment, run := home+"/#/experiments/"+made.Experiment, home+"/#/experiments/"+made.Experiment+"/runs/"+made.Runs["8"]

	for _, step := range []struct {
		name string
		do   []chromedp.Action[chromedp.Void]
	}{
		{"sign in", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(home + "/"),
			chromedp.WaitVisible(`#username`),
			chromedp.SetValue(`#username`, server.User),
			chromedp.SetValue(`#password`, server.Password),
			chromedp.Click(`button[type=submit]`),
			chromedp.WaitVisible(`//*[contains(text(), "house prices")]`),
		}},
		{"runs", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(experiment + "/runs"),
			chromedp.WaitVisible(`//a[.="forest of depth 8"]`),
			browser.Pick("forest of depth 8", "forest of depth 5"),
		}},
		{"compare", []chromedp.Action[chromedp.Void]{
			browser.Press(`//*[@data-testid="runs-compare-button"]`),
			chromedp.WaitVisible(`//*[contains(text(), "Comparing 2 Runs")]`),
			chromedp.WaitVisible(`.js-plotly-plot`),
		}},
		{"charts", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(experiment + "/runs?compareRunsMode=CHART"),
			chromedp.WaitVisible(`.js-plotly-plot`),
		}},
		{"artifact", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(run + "/artifacts"),
			browser.Press(`//*[text()[normalize-space(.)="notes"]]`),
			browser.Press(`//*[text()[normalize-space(.)="log.txt"]]`),
			shows("trained on 1,460 houses"),
		}},
		{"picture", []chromedp.Action[chromedp.Void]{
			browser.Press(`//*[text()[normalize-space(.)="plots"]]`),
			browser.Press(`//*[text()[normalize-space(.)="residuals.png"]]`),
			browser.Until(`[...document.images].some(i => i.naturalWidth === 160 && i.naturalHeight === 90)
				|| document.querySelector('.js-plotly-plot image')`),
		}},
		{"note", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(run),
			browser.Press(`//button[@aria-label="Edit description"]`),
			browser.Press(`//textarea[contains(@class, "mde-text")]`),
			chromedp.KeyEvent("the best so far"),
			browser.Press(`//*[@data-testid="editable-note-save-button"]`),
			browser.Until(`!document.querySelector("textarea.mde-text")`),
			shows("the best so far"),
		}},
		{"tag", []chromedp.Action[chromedp.Void]{
			browser.Press(`//button[@aria-label="Edit tags"]`),
			browser.Press(`//*[@role="dialog"]//input`),
			chromedp.KeyEvent("reviewed"),
			chromedp.WaitVisible(`//*[contains(text(), 'Add tag "reviewed"')]`),
			chromedp.KeyEvent("\r"),
			browser.Press(`//input[@aria-label="Value"]`),
			chromedp.KeyEvent("yes"),
			browser.Press(`//button[@aria-label="Add tag"]`),
			shows("reviewed: yes"),
			browser.Press(`//*[@role="dialog"]//button[contains(., "Save tags")]`),
			browser.Until(`![...document.querySelectorAll("[role=dialog] button")].some(b => b.offsetParent)`),
			shows("reviewed: yes"),
		}},
		{"model", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(home + "/#/models"),
			chromedp.WaitVisible(`//a[.="price of a house"]`),
			closePromotion,
			browser.Press(`//*[@data-testid="create-model-button"]`),
			browser.Press(`//*[@role="dialog"]//input`),
			chromedp.KeyEvent("rent of a flat"),
			browser.Press(`//*[@role="dialog"]//button[contains(., "Create")]`),
			browser.Until(`decodeURIComponent(location.hash) === "#/models/rent of a flat"`),
		}},
		{"trace", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(experiment + "/traces"),
			chromedp.WaitVisible(`a[aria-label^="Open trace"]`),
			closeGuidance,
			browser.Press(`//a[starts-with(@aria-label, "Open trace")]`),
			shows("look up the district"),
			shows("208500"),
		}},
		{"delete", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(experiment + "/runs"),
			chromedp.Reload(),
			chromedp.WaitVisible(`//a[.="forest of depth 3"]`),
			browser.Pick("forest of depth 3"),
			browser.Press(`//*[@data-testid="runs-delete-button"]`),
			browser.Press(`//*[@role="dialog"]//button[contains(., "Delete")]`),
			browser.Until(`![...document.querySelectorAll('a')].some(a => a.textContent === "forest of depth 3")`),
		}},
		{"restore", []chromedp.Action[chromedp.Void]{
			browser.Press(`//*[@data-testid="lifecycle-filter"]`),
			browser.Press(`//*[@data-testid="deleted-runs-menu-item"]`),
			chromedp.WaitVisible(`//a[.="forest of depth 3"]`),
			browser.Pick("forest of depth 3"),
			browser.Press(`//*[@data-testid="runs-restore-button"]`),
			browser.Press(`//*[@role="dialog"]//button[contains(., "Restore")]`),
			browser.Until(`![...document.querySelectorAll('a')].some(a => a.textContent === "forest of depth 3")`),
		}},
		{"status", []chromedp.Action[chromedp.Void]{
			chromedp.Navigate(home + "/-/"),
			chromedp.WaitVisible(`//span[text()="ready"]`),
			chromedp.WaitVisible(`//button[text()="Copy"]`),
		}},
		{"status-phone-dark", []chromedp.Action[chromedp.Void]{v.Emulate(390, 844, "dark")}},
		{"sign out", []chromedp.Action[chromedp.Void]{
			v.Emulate(1440, 900, "light"),
			browser.Press(`//button[text()="Sign out"]`),
			chromedp.WaitVisible(`#username`),
			chromedp.Navigate(home + "/#/experiments"),
			chromedp.Reload(),
			chromedp.WaitVisible(`#username`),
		}},
	} {
		v.Do(step.do...)
		v.Screenshot("tour-" + strings.ReplaceAll(step.name, " ", "-"))
		t.Log("done: ", step.name)
	}
	for _, complaint := range v.Complaints() {
		// Before it makes a model, MLflow's UI asks whether there is one of that name, and takes 404 for no.
		if !strings.HasPrefix(complaint, "404 ") || !strings.Contains(complaint, "/registered-models/get?name=rent+of+a+flat") {
			t.Errorf("the browser complains: %s", complaint)
		}
	}
	for _, line := range v.Errors() {
		if policy.MatchString(line) {
			t.Errorf("a policy of this server is in the way of MLflow's pages: %s", line)
		}
	}
	check(t, outside, made)
	if strings.Contains(server.Log(), "status=5") {
		t.Errorf("something failed:\n%s", harness.Tail(server.Log(), 40))
	}
}

// policy is what Chromium says of an answer's policies; the other errors of a console are compared elsewhere with those
// that MLflow alone shows.
var policy = regexp.MustCompile(`(?i)content security policy|refused to|blocked by|cross-origin|mixed content`)

// shows waits for a text anywhere on the page.
func shows(text string) chromedp.Action[chromedp.Void] {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // of a string: cannot be
	}
	return browser.Until(`document.body.textContent.includes(` + string(quoted) + `)`)
}

// The panels that MLflow's UI opens by itself once for each new visitor; they lie over what is to be clicked.
var (
	closePromotion = browser.Until(closing(`[data-component-id$="modelsnextuipromomodal.tsx_32"]`))
	closeGuidance  = browser.Until(closing(`[data-component-id="mlflow.detect_issues.guidance.got_it"]`))
)

// closing clicks a button, which comes a moment after the page, and is true when it was there and is gone.
func closing(selector string) string {
	quoted, err := json.Marshal(selector)
	if err != nil {
		panic(err) // of a string: cannot be
	}
	return `(() => {
  const button = [...document.querySelectorAll(` + string(quoted) + `)].find(b => b.offsetParent);
  if (button) { window.closed_ = ` + string(quoted) + `; button.click(); }
  return !button && window.closed_ === ` + string(quoted) + `;
})()`
}

// check asks the client what the person has done.
func check(t *testing.T, c harness.Client, made browser.Trained) {
	t.Helper()
	out, err := harness.PythonSource(t, c, `
import os, sys
os.environ["MLFLOW_TRACKING_INSECURE_TLS"] = "true"
from mlflow import MlflowClient
client = MlflowClient()
best, shallow = client.get_run(sys.argv[1]), client.get_run(sys.argv[2])
assert best.data.tags["mlflow.note.content"] == "the best so far", best.data.tags
assert best.data.tags["reviewed"] == "yes", best.data.tags
assert shallow.info.lifecycle_stage == "active", shallow.info
assert client.get_registered_model("rent of a flat").name
`, made.Runs["8"], made.Runs["3"])
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
