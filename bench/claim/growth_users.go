package claim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"mlflow-server/bench/front"
	"mlflow-server/bench/load"
	"mlflow-server/bench/result"
	"mlflow-server/bench/subject"
	"mlflow-server/internal/users"
)

const (
	listPassword = "correct horse battery staple"
	// listCost is what "mlflow-server hash-password" uses.
	listCost = users.DefaultCost
	// newcomers is how many users of a list sign in for the first time.
	newcomers = 5
)

// userList is a list of users for the product, and one for nginx. All have the same password and hash: it is its length that is
// looked at, and a hash of their own for 10,000 users would take a quarter of an hour.
type userList struct {
	dir string
	// Each side has a file of its own: the product takes bcrypt only, and apr1 is what htpasswd makes unless asked.
	gateFile, nginxFile string
	bcrypt, apr1        string
}

// name is the i-th user's of a list, from 1. No two lists have one in common, so that nobody is known from the last one.
func (*userList) name(i, length int) string { return fmt.Sprintf("user-%d-of-%d", i, length) }

func (u *userList) last(length int) string { return u.name(length, length) }

// firstUser is the only one at first, and in none of the lists that are measured.
const firstUser = "first"

// prepare makes the hash and a file of one user.
func (u *userList) prepare() (err error) {
	if u.bcrypt, err = front.Bcrypt(listPassword, listCost); err != nil {
		return err
	}
	if err := os.WriteFile(u.gateFile, []byte(firstUser+":"+u.bcrypt+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing a list of users: %w", err)
	}
	return nil
}

// write replaces a file by one of so many users.
func (u *userList) write(file, hash string, length int) error {
	var b strings.Builder
	for i := range length {
		fmt.Fprintf(&b, "%s:%s\n", u.name(i+1, length), hash)
	}
	if err := os.WriteFile(file+".new", []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("writing a list of users: %w", err)
	}
	return os.Rename(file+".new", file)
}

// growingUsers measures the gate and nginx, both before the same workers, with lists of growing length.
func (b *Bench) growingUsers(ctx context.Context, r *result.Result, server *subject.Server, list *userList, all []started) error {
	contestants := []contestant{{name: "mlflow-server", load: server.Load, needs: []started{server}}}
	var f *front.Front
	err := alone(contestants[0].needs, all, func() (err error) { // from here on the server runs: all need it
		f, err = b.listFront(ctx, r, server, list)
		return err
	})
	if err != nil {
		return err
	}
	if f != nil {
		defer func() { _ = f.Stop() }() // idle, and of no more use
		contestants = append(contestants, contestant{name: "nginx and htpasswd", load: f.Load("", listPassword), needs: []started{server, f}})
	}
	rates, firsts := make([]map[int][]float64, len(contestants)), make([]map[int][]float64, len(contestants))
	for n := range contestants {
		rates[n], firsts[n] = map[int][]float64{}, map[int][]float64{}
	}
	version := func(int) load.Request { return get("/version") }
	for _, length := range b.Scale.Users {
		b.say("%s in the list", count(length, "user"))
		if err := list.exchange(ctx, server, length); err != nil {
			return err
		}
		for n := range contestants {
			for i := max(1, length-newcomers+1); i <= length; i++ {
				contestants[n].load.User = list.name(i, length)
				began := time.Now()
				if _, err := load.Do(ctx, contestants[n].load, version(0)); err != nil {
					return fmt.Errorf("%s, user %d of %d: %w", contestants[n].name, i, length, err)
				}
				firsts[n][length] = append(firsts[n][length], milliseconds(time.Since(began)))
			}
		}
		got, err := b.inTurns(contestants, all, func(c contestant) (float64, error) {
			got, err := b.load(ctx, c.load, load.Options{Connections: b.Scale.Connections, WarmUp: b.Scale.WarmUp, Window: b.Scale.Window}, version)
			return got.PerSecond(), err
		})
		if err != nil {
			return err
		}
		for n := range contestants {
			rates[n][length] = got[n]
		}
	}
	var theirRates, theirFirsts map[int][]float64
	beside := ""
	if len(contestants) > 1 {
		theirRates, theirFirsts, beside = rates[1], firsts[1], contestants[1].name
	}
	r.Figures = append(r.Figures, growthFigures("`/version`", "user", "requests/s", b.Scale.Users, rates[0], theirRates, beside)...)
	if last := len(r.Figures) - 1; theirRates != nil {
		r.Figures[last] = r.Figures[last].RatioAtLeast(1 / noSlower)
	}
	r.Figures = append(r.Figures, growthFigures("First request of a user", "user", "ms", b.Scale.Users, firsts[0], theirFirsts, beside)...)
	return nil
}

// listFront starts nginx before the server's own workers. nil is where it is missing, which a note tells.
func (b *Bench) listFront(ctx context.Context, r *result.Result, server *subject.Server, list *userList) (*front.Front, error) {
	if b.Scale.Install {
		if err := front.Install(ctx, b.Progress); err != nil {
			return nil, err
		}
	}
	direct, err := subject.Direct(server)
	if err != nil {
		return nil, err
	}
	list.nginxFile = filepath.Join(list.dir, "htpasswd")
	if list.apr1, err = front.APR1("user", listPassword); err == nil {
		err = list.write(list.nginxFile, list.apr1, 1)
	}
	var f *front.Front
	if err == nil {
		f, err = front.Nginx(front.Options{Dir: list.dir, Name: "nginx", Upstreams: direct.Addresses, Users: list.nginxFile})
	}
	if missing := (front.Missing{}); errors.As(err, &missing) && !b.Scale.Install {
		r.Notes = append(r.Notes, "nginx is left out: "+missing.Error())
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.Versions = maps.Clone(r.Versions)
	if r.Versions != nil {
		maps.Copy(r.Versions, front.Versions(ctx))
	}
	if err := f.Ready(ctx, f.Load(list.last(1), listPassword), get("/version")); err != nil {
		return nil, errors.Join(err, f.Stop())
	}
	return f, nil
}

// exchange gives both sides a list of so many users, and waits until the server has read it: it says so in its log. nginx
// reads its list for every request.
func (u *userList) exchange(ctx context.Context, server *subject.Server, length int) error {
	if err := u.write(u.gateFile, u.bcrypt, length); err != nil {
		return err
	}
	if u.nginxFile != "" {
		if err := u.write(u.nginxFile, u.apr1, length); err != nil {
			return err
		}
	}
	if err := syscall.Kill(server.PID(), syscall.SIGHUP); err != nil {
		return fmt.Errorf("asking the server to read its users: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for said := fmt.Sprintf("users=%d", length); !strings.Contains(server.Tail(5), said); {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server has not read its list of %d users; the end of its log:\n%s", length, server.Tail(5))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
