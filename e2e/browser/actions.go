package browser

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Script runs JavaScript in the page and forgets its value.
func Script(source string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[any](source))
		return err
	})
}

// Until waits until an expression is true in the page.
func Until(expression string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for {
			done, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
			if done && err == nil {
				return nil
			}
			select {
			case <-ctx.Done():
				return errors.Join(errors.New("never true: "+expression), ctx.Err(), err)
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
}

// Press clicks what an XPath finds, once that stands still: MLflow's pages move while they load, and a click would hit what
// has come to lie there instead.
func Press(xpath string) chromedp.Action[chromedp.Void] {
	quoted, err := json.Marshal(xpath)
	if err != nil {
		panic(err) // of a string: cannot be
	}
	steady := Until(`(() => {
  const found = document.evaluate(` + string(quoted) + `, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue;
  if (!found) return false;
  const box = found.getBoundingClientRect(), place = [box.left, box.top, box.width, box.height].join();
  const before = window.steady_ || {};
  if (before.found !== found || before.place !== place) { window.steady_ = { found, place, since: Date.now(), looks: 0 }; return false; }
  before.looks++; // of a page that moves on between them: a busy machine may have stood still since the first
  return box.width > 0 && Date.now() - before.since > 400 && before.looks > 3;
})()`)
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		return chromedp.Do(ctx, steady, chromedp.Click(xpath))
	})
}

// CloseAssistant closes the panel that MLflow's UI opens on the right, which a screenshot should not be about.
func (v *Visitor) CloseAssistant() {
	v.t.Helper()
	v.Do(
		chromedp.Click(`//*[text()="MLflow Assistant"]/ancestor::*[.//button][1]/descendant::button[last()]`),
		chromedp.Sleep(time.Second), // the charts take the room
	)
}

// Pick ticks the runs of those names in the table of runs.
func Pick(names ...string) chromedp.Action[chromedp.Void] {
	list, err := json.Marshal(names)
	if err != nil {
		panic(err) // of strings: cannot be
	}
	// The table draws a row in two halves; the one with the name has the box too.
	return Until(`(() => {
  const rows = [...document.querySelectorAll('[role=row]')].filter(r => r.querySelector('a') && r.querySelector('input[aria-label^="Press Space to toggle row"]'));
  let ticked = 0;
  for (const name of ` + string(list) + `) {
    const row = rows.find(r => [...r.querySelectorAll('a')].some(a => a.textContent === name));
    if (!row) return false;
    const box = row.querySelector('input[aria-label^="Press Space to toggle row"]');
    if (!box.checked) box.click(); else ticked++;
  }
  return ticked === ` + string(list) + `.length;
})()`)
}

const (
	// quiet is how long nothing must have been sent or received for a page to count as settled.
	quiet = time.Second
	// forgotten is when a request counts as one whose end the browser does not tell, as of a page that was left.
	forgotten = 15 * time.Second
)

// Settle waits until the page asks for nothing any more.
func (v *Visitor) Settle() {
	v.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		v.mu.Lock()
		open := 0
		for _, began := range v.pending {
			if time.Since(began) < forgotten {
				open++
			}
		}
		settled := open == 0 && time.Since(v.moved) > quiet
		v.mu.Unlock()
		if settled {
			return
		}
		if time.Now().After(deadline) {
			v.t.Fatalf("%d requests of the page never end", open)
		}
	}
}

// Errors are what the browser's console has shown as errors so far.
func (v *Visitor) Errors() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string(nil), v.errors...)
}

// describe is a value of the page in words.
func describe(o *runtime.RemoteObject) string {
	switch {
	case o == nil:
		return ""
	case o.Description != "":
		return o.Description
	}
	return string(o.Value)
}
