package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

// training makes what a visitor looks at: an experiment with runs that have curves, parameters and tags.
const training = `
import math, mlflow
mlflow.set_experiment("house prices")
for depth in (3, 5, 8):
    with mlflow.start_run(run_name=f"forest of depth {depth}"):
        mlflow.log_params({"depth": depth, "trees": 200, "criterion": "squared error"})
        mlflow.set_tag("team", "pricing")
        for step in range(40):
            mlflow.log_metric("loss", math.exp(-step * depth / 60) + 0.02 * math.sin(step), step=step)
            mlflow.log_metric("rmse", 0.4 + 0.9 * math.exp(-step * depth / 90), step=step)
        mlflow.log_text("trained\n", "notes/log.txt")
print(mlflow.get_experiment_by_name("house prices").experiment_id)
`

func TestAPersonSignsInAndSeesTheRunsOfTheClient(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{})
	out, err := harness.PythonSource(t, server.Client, training)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Fields(out)
	experiment := lines[len(lines)-1]

	v := browser.Open(t)
	v.SignIn(server.Client)
	v.Do(chromedp.WaitVisible(`//*[contains(text(), "house prices")]`))
	v.Screenshot("home")
	v.Do(
		chromedp.Navigate(server.URL+"/#/experiments/"+experiment+"/runs"),
		chromedp.WaitVisible(`//*[contains(text(), "forest of depth 8")]`),
	)
	v.Screenshot("runs")
	v.Do(
		chromedp.Navigate(server.URL+"/#/experiments/"+experiment+"/runs?compareRunsMode=CHART"),
		chromedp.WaitVisible(`.js-plotly-plot`),
	)
	v.CloseAssistant()
	v.Screenshot("charts")
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}
