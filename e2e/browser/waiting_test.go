package browser_test

import (
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/browser"
	"mlflow-server/e2e/harness"
)

// door is a port that leads to a database once it is opened. Until then nobody can connect, so that MLflow cannot be ready
// before the browser has looked.
func door(t *testing.T, to harness.Database) (port int, open func()) {
	t.Helper()
	port = harness.FreePort(t)
	return port, func() {
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				in, err := listener.Accept()
				if err != nil {
					return
				}
				out, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(to.Port)))
				if err != nil {
					_ = in.Close()
					continue
				}
				pass := func(to, from net.Conn) {
					_, _ = io.Copy(to, from)
					_, _ = to.Close(), from.Close()
				}
				go pass(in, out)
				go pass(out, in)
			}
		}()
	}
}

// A browser that keeps nothing throws at the mention of sessionStorage; and its first question is never answered.
const hostile = `
Object.defineProperty(window, "sessionStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
const timeout = AbortSignal.timeout;
AbortSignal.timeout = (ms) => timeout.call(AbortSignal, ms / 20);
const ask = window.fetch;
let asked = 0;
window.fetch = (what, how) => asked++ ? ask(what, how) : new Promise((_, refuse) => {
  how.signal?.addEventListener("abort", () => refuse(how.signal.reason));
});`

func TestAWaitingPageThatKeepsNothingAndIsNotAnsweredAsksAgain(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	database := harness.Postgres(t)
	behind := database
	port, open := door(t, database)
	behind.Port = port
	server := harness.Launch(t, harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI":     behind.URL("postgresql"),
		"MLFLOW_DB_WAIT_SECONDS": "600",
	}})
	server.WaitListening()
	v := browser.Open(t)
	v.Do(
		v.OnEveryPage(hostile),
		chromedp.Navigate(server.URL+"/"),
		chromedp.WaitVisible(`li.now[data-stage="database"]`),
		chromedp.WaitVisible(`//p[contains(text(), "does not answer")]`), // what it says of its first question
		chromedp.WaitVisible(`//p[contains(text(), "more minutes")]`),
	)
	open()
	v.Do(chromedp.WaitVisible(`#username`))
}

func TestABrowserThatComesTooEarlySeesProgressAndThenWhatItCameFor(t *testing.T) {
	harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	database := harness.Postgres(t)
	behind := database
	port, open := door(t, database)
	behind.Port = port
	server := harness.Launch(t, harness.Options{Env: map[string]string{
		"MLFLOW_BACKEND_URI":     behind.URL("postgresql"),
		"MLFLOW_DB_WAIT_SECONDS": "600",
	}})
	server.WaitListening()
	v := browser.Open(t)
	v.Do(
		v.Emulate(1440, 900, "light"),
		chromedp.Navigate(server.URL+"/#/experiments/0"),
		chromedp.WaitVisible(`//h1[contains(text(), "MLflow is on its way")]`),
		chromedp.WaitVisible(`li.now[data-stage="database"]`),
	)
	v.Screenshot("waiting")
	v.Do(v.Emulate(390, 844, "dark"))
	v.Screenshot("waiting-phone-dark")
	v.Forget() // the page itself is a 503
	open()
	v.Do(chromedp.WaitVisible(`#username`), v.Emulate(1440, 900, "light"))
	v.FillIn(server.Client)
	v.Do(browser.Until(`location.pathname === "/" && location.hash.startsWith("#/experiments/0")`), chromedp.WaitVisible(`//*[contains(text(), "Experiments")]`))
	for _, complaint := range v.Complaints() {
		t.Errorf("the browser complains: %s", complaint)
	}
	if pages := strings.Count(server.Log(), "path=/ status=503"); pages != 1 {
		t.Errorf("the waiting page was loaded %d times", pages)
	}
}
