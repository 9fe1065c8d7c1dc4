package browser_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

func TestAPersonSignsInOnThePageAndOut(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{})
	made := server.Request(t, http.MethodPost, "/api/2.0/mlflow/runs/create", strings.NewReader(`{"experiment_id": "0", "run_name": "the one to look at"}`),
		func(r *http.Request) { r.Header.Set("Content-Type", "application/json") })
	run := regexp.MustCompile(`"run_id": ?"(\w+)"`).FindStringSubmatch(made.Body)
	if run == nil {
		t.Fatalf("%d: %s", made.Status, made.Body)
	}
	v := browser.Open(t)

	// A link that somebody was sent: what it leads to stands behind the #, which no server ever sees.
	link := "#/experiments/0/runs/" + run[1]
	v.Do(chromedp.Navigate(server.URL+"/"+link), chromedp.WaitVisible(`#username`))
	v.Screenshot("sign-in")
	v.Do(v.Emulate(390, 844, "dark"))
	v.Screenshot("sign-in-phone-dark")
	v.FillIn(server.As(server.User, "wrong"))
	v.Do(chromedp.WaitVisible(`#problem`))
	v.Screenshot("sign-in-wrong")
	v.Forget() // the refusal is meant to be one
	v.Do(v.Emulate(1440, 900, "light"))
	v.FillIn(server.Client)
	v.Do(browser.Until(`location.pathname === "/" && location.hash.startsWith("`+link+`")`), chromedp.WaitVisible(`//*[contains(text(), "the one to look at")]`))
	v.Screenshot("signed-in")

	v.Do(chromedp.Navigate(server.URL+"/-/logout"), chromedp.WaitVisible(`//b[text()="`+server.User+`"]`))
	v.Screenshot("sign-out")
	v.Do(chromedp.Click(`button[type=submit]`), chromedp.WaitVisible(`#username`))
	v.Do(chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(`#username`))
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
	if strings.Contains(server.Log(), "path=/favicon.ico") {
		t.Error("the browser asked for an icon that is behind the login")
	}
	if strings.Count(server.Log(), "via=session") == 0 {
		t.Error("no request came with a session")
	}
}

func TestABrowsersOwnWindowSignsInWhereThatIsAskedFor(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_LOGIN": "basic"}})
	v := browser.Open(t)
	v.PromptedSignIn(server.Client)
	v.Do(chromedp.WaitVisible(`//*[contains(text(), "Welcome to MLflow")]`))
}
