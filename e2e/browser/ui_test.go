package browser_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

func TestAPersonSignsInAndSeesTheRunsOfTheClient(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{})
	made := browser.Train(t, server.Client)

	v := browser.Open(t)
	v.SignIn(server.Client)
	v.Do(chromedp.WaitVisible(`//*[contains(text(), "house prices")]`))
	v.Screenshot("home")
	v.Do(
		chromedp.Navigate(server.URL+"/#/experiments/"+made.Experiment+"/runs"),
		chromedp.WaitVisible(`//*[contains(text(), "forest of depth 8")]`),
	)
	v.Screenshot("runs")
	v.Do(
		chromedp.Navigate(server.URL+"/#/experiments/"+made.Experiment+"/runs?compareRunsMode=CHART"),
		chromedp.WaitVisible(`.js-plotly-plot`),
	)
	v.CloseAssistant()
	v.Screenshot("charts")
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}
