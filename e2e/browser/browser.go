// Package browser looks at the product through a real Chromium, as a person does.
package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"mlflow-server/e2e/harness"
)

// patience bounds one visit: the UI is 4.4 MB of script, and the machine may be busy.
const patience = 4 * time.Minute

// Visitor is one person with one browser window.
type Visitor struct {
	t   testing.TB
	ctx context.Context

	mu      sync.Mutex
	console []string
	failed  []string
	errors  []string // what the console shows as such
	pending map[network.RequestID]time.Time
	moved   time.Time // when a request began or ended
}

// Open starts a browser with a fresh profile; the test is skipped where there is none. More options come last and win.
func Open(t testing.TB, more ...chromedp.ExecAllocatorOption) *Visitor {
	t.Helper()
	program := harness.Require(t, "chromium", "chromium-browser", "google-chrome")
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.WSURLReadTimeout(patience), // for its start
		chromedp.NoSandbox,                  // tests run as root in containers
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		// Only the product is to be reached; everything else fails at once instead of in a name look-up.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"),
	)
	allocator, closeBrowser := chromedp.NewExecAllocator(context.Background(), append(options, more...)...)
	t.Cleanup(closeBrowser)
	ctx, closeWindow := chromedp.NewContext(allocator)
	t.Cleanup(closeWindow)
	v := &Visitor{t: t, ctx: ctx, pending: map[network.RequestID]time.Time{}}
	if err := chromedp.Listen(ctx, v.hear); err != nil {
		t.Fatal(err)
	}
	v.Do(enable(network.Enable, network.EnableParams{}), enable(runtime.Enable, cdp.Empty{}), enable(log.Enable, cdp.Empty{}))
	return v
}

// enable switches on the events of one part of the browser.
func enable[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, command, params)
		return err
	})
}

func (v *Visitor) hear(event any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		v.console = append(v.console, fmt.Sprintf("%+v", e.ExceptionDetails))
		v.errors = append(v.errors, "exception: "+e.ExceptionDetails.Text+" "+describe(e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var words []string
			for _, argument := range e.Args {
				words = append(words, describe(argument))
			}
			v.errors = append(v.errors, "console: "+strings.Join(words, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			v.errors = append(v.errors, "log: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		v.moved = time.Now()
		v.pending[e.RequestID] = v.moved
	case *network.EventLoadingFinished:
		delete(v.pending, e.RequestID)
		v.moved = time.Now()
	case *network.EventLoadingFailed:
		delete(v.pending, e.RequestID)
		v.moved = time.Now()
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			v.failed = append(v.failed, fmt.Sprintf("%v %s", e.Response.Status, e.Response.URL))
		}
	}
}

// Do runs browser actions and fails the test with the browser's complaints when one does not succeed.
func (v *Visitor) Do(actions ...chromedp.Action[chromedp.Void]) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		v.Screenshot("failed")
		v.t.Fatalf("%v\n%s", err, strings.Join(v.Complaints(), "\n"))
	}
}

// SignIn opens the server's first page and signs in on the page that stands before it.
func (v *Visitor) SignIn(c harness.Client) {
	v.t.Helper()
	v.Do(chromedp.Navigate(c.URL + "/"))
	v.FillIn(c)
}

// FillIn signs in on the sign-in page that is open.
func (v *Visitor) FillIn(c harness.Client) {
	v.t.Helper()
	v.Do(
		chromedp.WaitVisible(`#username`),
		chromedp.SetValue(`#username`, c.User),
		chromedp.SetValue(`#password`, c.Password),
		chromedp.Click(`button[type=submit]`),
	)
}

// PromptedSignIn gives the browser a login as if it had been typed into its own window.
func (v *Visitor) PromptedSignIn(c harness.Client) {
	v.t.Helper()
	login := url.UserPassword(c.User, c.Password).String()
	v.Do(
		// Only this first address carries it: scripts of a page whose own address does may fetch nothing.
		chromedp.Navigate(strings.Replace(c.URL, "http://", "http://"+login+"@", 1)+"/version"),
		chromedp.Navigate(c.URL+"/"),
	)
}

// Emulate gives the window another size, of a phone if it is narrow, and the person a taste for "light" or "dark" pages.
func (v *Visitor) Emulate(width, height int64, scheme string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		if _, err := cdp.Call(ctx, page, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, page, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// OnEveryPage runs a script in each page before any of its own.
func (v *Visitor) OnEveryPage(script string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	})
}

// Forget forgets the complaints so far.
func (v *Visitor) Forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.console, v.failed = nil, nil
}

// Screenshot keeps what the window shows as name.png in the directory $ARTEFACTS, where that is set.
func (v *Visitor) Screenshot(name string) {
	v.t.Helper()
	dir := os.Getenv("ARTEFACTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(v.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		v.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		v.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		v.t.Fatal(err)
	}
}

// Complaints are the script errors and the failed requests of all pages so far.
func (v *Visitor) Complaints() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append(append([]string(nil), v.console...), v.failed...)
}
