// Package firstpage measures what a person waits for: a page in a real browser, over a slow line that the browser makes
// itself.
package firstpage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// The line: what the browser's network emulation is told.
const (
	// Megabits is how much comes through in a second, each way.
	Megabits = 10
	// Latency is from a request to the first byte of its answer, at least.
	Latency = 40 * time.Millisecond
)

// Visit is what one visit of a page took.
type Visit struct {
	// Bytes came over the line, headers included, in Requests answers.
	Bytes, Requests float64
	// Paint is when something was first seen, Usable when the text that was waited for was there; both in seconds from
	// the start of the navigation.
	Paint, Usable float64
	// Script is how long the page's main script took once it was there: what is left of Paint on the quickest line.
	Script float64
}

// ErrNoBrowser says that there is no Chromium on this machine.
var ErrNoBrowser = errors.New("chromium is not installed")

// Browser is a Chromium with a profile of its own.
type Browser struct {
	ctx   context.Context
	close func()

	mu       sync.Mutex
	bytes    float64
	requests float64
	ended    time.Time
}

// Open starts one, whose profile is in dir, without anything in its cache.
func Open(ctx context.Context, dir string) (*Browser, error) {
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		return nil, ErrNoBrowser
	}
	allocator, closeBrowser := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(dir), chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)...)
	window, closeWindow := chromedp.NewContext(allocator)
	b := &Browser{ctx: window, close: func() { closeWindow(); closeBrowser() }}
	err := chromedp.Listen(window, b.hear)
	if err == nil {
		err = chromedp.Do(window, call(network.Enable, network.EnableParams{}), slow)
	}
	if err != nil {
		b.close()
		return nil, fmt.Errorf("starting Chromium: %w", err)
	}
	return b, nil
}

// Close ends it.
func (b *Browser) Close() { b.close() }

// conditions are the parameters of a command that this library no longer lists, while all versions of Chromium know it.
type conditions struct {
	Offline            bool    `json:"offline"`
	Latency            float64 `json:"latency"`            // ms
	DownloadThroughput float64 `json:"downloadThroughput"` // bytes/s
	UploadThroughput   float64 `json:"uploadThroughput"`
}

var slow = call(cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}, conditions{
	Latency: float64(Latency.Milliseconds()), DownloadThroughput: Megabits * 1e6 / 8, UploadThroughput: Megabits * 1e6 / 8,
})

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, command, params)
		return err
	})
}

func (b *Browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventLoadingFinished:
		b.bytes += e.EncodedDataLength
		b.ended = time.Now()
	case *network.EventResponseReceived:
		if !e.Response.FromDiskCache && e.Response.Status > 0 {
			b.requests++
		}
		b.ended = time.Now()
	}
}

// SignIn gives the browser the cookie of a session, so that no visit has to pass the sign-in page.
func (b *Browser) SignIn(url string, cookie *http.Cookie) error {
	return chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, page *chromedp.Target) error {
		_, err := cdp.Call(ctx, page, network.SetCookie, network.SetCookieParams{Name: cookie.Name, Value: cookie.Value, URL: url})
		return err
	}))
}

const (
	// visitLimit is for the slowest line on the busiest machine.
	visitLimit = 3 * time.Minute
	// still is how long nothing must come for a visit to be over.
	still = 2 * time.Second
)

// watch notes when the text is there, whatever the page does. It runs before the page's own scripts.
const watch = `(() => {
  const see = () => { if (!window.seenAt && document.body && document.body.textContent.includes(%q)) window.seenAt = performance.now(); };
  new MutationObserver(see).observe(document, { childList: true, subtree: true, characterData: true });
})()`

// paintAndScript are the first contentful paint, and the time from the arrival of the deferred script to the end of the
// document's parsing, which waits for it; both in ms.
const paintAndScript = `(() => {
  const paint = performance.getEntriesByName("first-contentful-paint")[0], script = document.querySelector("script[defer]");
  const arrived = script && performance.getEntriesByName(script.src)[0];
  const parsed = performance.getEntriesByType("navigation")[0].domContentLoadedEventStart;
  return [paint ? paint.startTime : 0, arrived ? parsed - arrived.responseEnd : 0];
})()`

// Visit opens a page in a new document and waits for a text and for the end of what the page loads.
func (b *Browser) Visit(url, text string) (Visit, error) {
	ctx, cancel := context.WithTimeout(b.ctx, visitLimit)
	defer cancel()
	type script struct {
		Source string `json:"source"`
	}
	err := chromedp.Do(ctx,
		chromedp.Navigate("about:blank"),
		call(cdp.Command[script, any]{Method: "Page.addScriptToEvaluateOnNewDocument"}, script{fmt.Sprintf(watch, text)}),
	)
	if err != nil {
		return Visit{}, fmt.Errorf("preparing a visit: %w", err)
	}
	b.mu.Lock()
	b.bytes, b.requests, b.ended = 0, 0, time.Now()
	b.mu.Unlock()
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		return Visit{}, fmt.Errorf("visiting %s: %w", url, err)
	}
	for {
		seen, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`window.seenAt || 0`))
		if err != nil {
			return Visit{}, fmt.Errorf("waiting for %q: %w", text, err)
		}
		b.mu.Lock()
		over := seen > 0 && time.Since(b.ended) > still
		v := Visit{Bytes: b.bytes, Requests: b.requests, Usable: seen / 1000}
		b.mu.Unlock()
		if over {
			times, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](paintAndScript))
			if err != nil {
				return Visit{}, fmt.Errorf("reading the times of %s: %w", url, err)
			}
			v.Paint, v.Script = times[0]/1000, times[1]/1000
			return v, nil
		}
		select {
		case <-ctx.Done():
			return Visit{}, fmt.Errorf("waiting for %q: %w", text, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
