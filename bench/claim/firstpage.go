package claim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"mlflow-server/bench/firstpage"
	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
)

// FirstPage is not one of All: it needs Chromium.
var FirstPage = Claim{
	Name: "firstpage", Title: "How long a page takes to open",
	Usage:   "bytes, requests and time of MLflow's pages in Chromium over 10 Mbit/s; not part of all, since it needs Chromium",
	measure: measureFirstPage,
}

// visits are samples of one subject, by page and state of the cache.
type visits struct{ bytes, requests, paint, script, usable []float64 }

func (v *visits) add(one firstpage.Visit) {
	v.bytes, v.requests = append(v.bytes, one.Bytes/1000), append(v.requests, one.Requests)
	v.paint, v.script, v.usable = append(v.paint, one.Paint), append(v.script, one.Script), append(v.usable, one.Usable)
}

// page is one that is measured: the name for the report, its address and a text that shows that it can be used.
type page struct{ name, path, text string }

var pages = []page{
	{"list of experiments", "/#/experiments", "house prices"},
	{"runs of an experiment", "/#/experiments/1/runs", "forest of depth 8"},
}

func measureFirstPage(ctx context.Context, b *Bench, r *result.Result) (err error) {
	if b.Peer == nil {
		return errors.New("this claim is about MLflow's own server too: leave --peers as it is")
	}
	var servers []*subject.Server
	defer func() { err = errors.Join(err, stopAll(servers)) }()
	for _, s := range []starter{b.Product, subject.MLflow{MLflow: *b.Peer}} {
		server, err := b.startNew(ctx, s, workers)
		if err != nil {
			return err
		}
		servers = append(servers, server)
		if err := furnish(ctx, server.Load); err != nil {
			return err
		}
	}
	samples := map[string]*[2]visits{}
	for round := range b.Scale.Rounds {
		for i, server := range servers {
			b.say("round %d of %d, %s", round+1, b.Scale.Rounds, []string{"mlflow-server", "mlflow server"}[i])
			err := alone(servers[i:i+1], servers, func() error { return b.open(ctx, server.Load, samples, i) })
			if err != nil {
				return err
			}
		}
	}
	for _, p := range pages {
		for _, state := range []string{"first visit", "second visit"} {
			s := samples[p.name+", "+state]
			figure := func(what, unit string, of func(visits) []float64) result.Figure {
				return result.Beside(p.name+", "+state+": "+what, unit,
					result.Of("mlflow-server", of(s[0])...), result.Of("`mlflow server`", of(s[1])...))
			}
			bytes, paint := figure("bytes", "kB", func(v visits) []float64 { return v.bytes }), figure("first contentful paint", "s", func(v visits) []float64 { return v.paint })
			if state == "first visit" {
				bytes, paint = bytes.RatioAtMost(0.25), paint.RatioAtMost(0.5)
			} else {
				bytes = bytes.ValueAtMost(50)
			}
			r.Figures = append(r.Figures, bytes,
				figure("requests", "", func(v visits) []float64 { return v.requests }), paint,
				figure("of that, MLflow's main script runs", "s", func(v visits) []float64 { return v.script }),
				figure("the list is there", "s", func(v visits) []float64 { return v.usable }))
		}
	}
	r.Setup = append(r.Setup,
		fmt.Sprintf("Chromium with its own network emulation: %d Mbit/s, %d ms; a new profile for each round, each page visited twice in it. %d workers, %d rounds, "+
			"in turns; the server that is not asked stands still.", firstpage.Megabits, firstpage.Latency.Milliseconds(), workers, b.Scale.Rounds),
		"The browser is signed in to mlflow-server by a session; MLflow has no login. Both by http on 127.0.0.1, where Chromium takes brotli as it does by https. "+
			"Bytes are those on the line with headers, up to the last answer; requests are those that were not answered from the browser's own cache; "+
			"a page is there when its first name of an experiment or a run is. MLflow's main script, 4.4 MB, is the same on both sides: "+
			"from its arrival to its end, only the browser's processor counts. Database: "+b.Store.Name()+".")
	return nil
}

// open visits all pages twice with a new browser.
func (b *Bench) open(ctx context.Context, s load.Server, samples map[string]*[2]visits, subject int) error {
	dir, err := b.directory()
	if err != nil {
		return err
	}
	address := "http://" + s.Addresses[0]
	for n, p := range pages {
		err := func() error {
			browser, err := firstpage.Open(ctx, fmt.Sprintf("%s/%d", dir, n))
			if err != nil {
				return err
			}
			defer browser.Close()
			if s.User != "" {
				cookie, err := session(ctx, address, s.User, s.Password)
				if err != nil {
					return err
				}
				if err := browser.SignIn(address, cookie); err != nil {
					return err
				}
			}
			for _, state := range []string{"first visit", "second visit"} {
				visit, err := browser.Visit(address+p.path, p.text)
				if err != nil {
					return err
				}
				name := p.name + ", " + state
				if samples[name] == nil {
					samples[name] = &[2]visits{}
				}
				samples[name][subject].add(visit)
			}
			return nil
		}()
		if err != nil {
			return err
		}
	}
	return nil
}

// session signs in as the page does and returns the cookie.
func session(ctx context.Context, address, user, password string) (*http.Cookie, error) {
	form := url.Values{"username": {user}, "password": {password}, "next": {"/"}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/-/login", strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := http.DefaultTransport.RoundTrip(request) // the redirect is not followed
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	defer answer.Body.Close()
	if cookies := answer.Cookies(); len(cookies) == 1 {
		return cookies[0], nil
	}
	return nil, fmt.Errorf("signing in: status %d and no cookie", answer.StatusCode)
}

// furnish makes an experiment with three runs.
func furnish(ctx context.Context, s load.Server) error {
	requests := []load.Request{{Method: "POST", Path: "/api/2.0/mlflow/experiments/create", Body: `{"name": "house prices"}`}}
	for _, depth := range []string{"3", "5", "8"} {
		requests = append(requests, load.Request{Method: "POST", Path: "/api/2.0/mlflow/runs/create",
			Body: `{"experiment_id": "1", "start_time": 1700000000000, "run_name": "forest of depth ` + depth + `", "tags": [{"key": "team", "value": "pricing"}]}`})
	}
	for _, request := range requests {
		if _, err := load.Do(ctx, s, request); err != nil {
			return fmt.Errorf("making something to look at: %w", err)
		}
	}
	return nil
}
