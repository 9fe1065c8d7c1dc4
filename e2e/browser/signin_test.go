package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

func TestAPersonSignsInOnThePageAndOut(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{})
	v := browser.Open(t)

	v.Do(chromedp.Navigate(server.URL+"/#/experiments"), chromedp.WaitVisible(`#username`))
	v.Screenshot("sign-in")
	v.Do(v.Emulate(390, 844, "dark"))
	v.Screenshot("sign-in-phone-dark")
	v.FillIn(server.As(server.User, "wrong"))
	v.Do(chromedp.WaitVisible(`#problem`))
	v.Screenshot("sign-in-wrong")
	v.Forget() // the refusal is meant to be one
	v.Do(v.Emulate(1440, 900, "light"))
	v.FillIn(server.Client)
	v.Do(chromedp.WaitVisible(`//*[contains(text(), "Experiments")]`))
	v.Screenshot("signed-in")

	v.Do(chromedp.Navigate(server.URL+"/-/logout"), chromedp.WaitVisible(`//b[text()="`+server.User+`"]`))
	v.Screenshot("sign-out")
	v.Do(chromedp.Click(`button[type=submit]`), chromedp.WaitVisible(`#username`))
	v.Do(chromedp.Navigate(server.URL+"/"), chromedp.WaitVisible(`#username`))
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
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
