package browser_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

// narrow is true when nothing of the page lies beyond the right edge of the window.
const narrow = `document.documentElement.scrollWidth <= innerWidth && ![...document.querySelectorAll("section, header *, dd, td, th, button")].some(e => e.getBoundingClientRect().right > innerWidth + 1)`

func TestTheStatusPageFitsAPhoneAndCopiesWhatClientsNeed(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	server := harness.Start(t, harness.Options{Env: map[string]string{"MLFLOW_ALLOWED_HOSTS": browser.Name + ",127.0.0.1"}})
	v := browser.Open(t, chromedp.Flag("host-resolver-rules", "MAP "+browser.Name+" 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	v.SignIn(server.Client)
	v.Do(chromedp.WaitVisible(`//*[contains(text(), "Experiments")]`))

	for _, look := range []struct {
		name, scheme  string
		width, height int64
	}{
		{"status", "light", 1440, 1250},
		{"status-dark", "dark", 1440, 1250},
		{"status-phone", "light", 390, 2400},
		{"status-phone-dark", "dark", 390, 2400},
	} {
		v.Do(
			v.Emulate(look.width, look.height, look.scheme),
			chromedp.Navigate(server.URL+"/-/"),
			chromedp.WaitVisible(`//span[text()="ready"]`),
			browser.Until(narrow),
		)
		v.Screenshot(look.name)
	}

	t.Run("on a page that may use the clipboard", func(t *testing.T) {
		v.MayPaste(server.URL)
		for _, name := range []string{"shell", "python"} {
			v.Do(
				chromedp.Click(`[data-copy="`+name+`"]`),
				chromedp.WaitVisible(`//button[text()="Copied"]`),
				browser.Script(`window.pasted = undefined; navigator.clipboard.readText().then(t => { window.pasted = t; }, e => { window.pasted = String(e); }); 0`),
				browser.Until(`window.pasted !== undefined`),
				browser.Until(`window.pasted === document.getElementById("`+name+`").textContent`),
				browser.Until(`window.pasted.includes(`+quoted(server.URL)+`)`),
				chromedp.WaitNotPresent(`//button[text()="Copied"]`),
			)
		}
	})
	t.Run("on a page that may not, by http and another name", func(t *testing.T) {
		other := server.Client
		other.URL = strings.Replace(server.URL, "127.0.0.1", browser.Name, 1)
		v.SignIn(other)
		v.Do(
			chromedp.WaitVisible(`//*[contains(text(), "Experiments")]`),
			chromedp.Navigate(other.URL+"/-/"),
			browser.Until(`navigator.clipboard === undefined`),
			browser.Script(`document.addEventListener("copy", () => { window.copied = getSelection().toString(); })`),
			chromedp.Click(`[data-copy="python"]`),
			chromedp.WaitVisible(`//button[text()="Copied"]`),
			browser.Until(`window.copied && window.copied.includes(`+quoted(`mlflow.set_tracking_uri("`+other.URL+`")`)+`)`),
		)
	})
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // of a string: cannot be
	}
	return string(b)
}
