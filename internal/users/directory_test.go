package users

import (
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func directory(t *testing.T, a Accounts) *Directory {
	t.Helper()
	d, err := NewDirectory(a, []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestWhoIsRemovedOrChangedIsOutAtOnce(t *testing.T) {
	token, hash := NewToken()
	parsed, err := ParseTokenHash("bob", hash)
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t, Accounts{Credentials: []Credential{{"ann", "a"}, {"bob", "b"}}, Tokens: []TokenHash{parsed}})
	ann, _ := d.Version("ann")
	if name, id, ok := d.Token(token); name != "bob" || id != parsed.ID || !ok {
		t.Fatalf("%q %q %v", name, id, ok)
	}
	if err := d.Replace([]Credential{{"ann", "other"}}); err != nil {
		t.Fatal(err)
	}
	if d.Verify(t.Context(), "ann", "a") != Wrong || d.Verify(t.Context(), "ann", "other") != Right || d.Verify(t.Context(), "bob", "b") != Wrong {
		t.Error("the new list does not count")
	}
	if after, ok := d.Version("ann"); !ok || after == ann {
		t.Error("ann's version is the same with another password")
	}
	if _, ok := d.Version("bob"); ok {
		t.Error("bob still has a version")
	}
	if _, _, ok := d.Token(token); ok {
		t.Error("bob's token outlives bob")
	}
	if err := d.Replace(nil); err == nil || d.Verify(t.Context(), "ann", "other") != Right {
		t.Error("an empty list was taken")
	}
}

func TestServersThatShareAKeyAgreeOnVersions(t *testing.T) {
	accounts := Accounts{Credentials: []Credential{{"ann", "a"}}}
	one, two := directory(t, accounts), directory(t, accounts)
	other, err := NewDirectory(accounts, []byte("another key"))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := one.Version("ann")
	b, _ := two.Version("ann")
	c, _ := other.Version("ann")
	if a != b || a == c {
		t.Errorf("%x %x %x", a, b, c)
	}
}

func TestAReloadDoesNotHashAgainWhoIsTheSame(t *testing.T) {
	h := hashed(t, "a", 4)
	d := directory(t, Accounts{Credentials: []Credential{{"ann", h}}})
	d.Verify(t.Context(), "ann", "a")
	if err := d.Replace([]Credential{{"ann", h}, {"bob", hashed(t, "b", 4)}}); err != nil {
		t.Fatal(err)
	}
	before := d.set.Load().hasher.hashes.Load()
	if d.Verify(t.Context(), "ann", "a") != Right || d.set.Load().hasher.hashes.Load() != before {
		t.Error("ann was hashed again")
	}
}

func TestTokens(t *testing.T) {
	token, hash := NewToken()
	if again, _ := NewToken(); again == token {
		t.Fatal("the same token twice")
	}
	parsed, err := ParseTokenHash("ann", hash)
	if err != nil || strings.Contains(hash, token) {
		t.Fatalf("%v", err)
	}
	d := directory(t, Accounts{Credentials: []Credential{{"ann", "a"}}, Viewers: []string{"ann"}, Tokens: []TokenHash{parsed}})
	if !d.Viewer("ann") || d.Viewer("bob") {
		t.Error("viewers")
	}
	for _, wrong := range []string{"", "mlf_", token[:len(token)-1], token + "a", strings.ToUpper(token), token[:len(token)-1] + "!", token[:4] + "aaaaaaaaaa" + token[14:],
		token[:len(token)-1] + string('a'+(token[len(token)-1]-'a'+1)%26), hash, parsed.ID} {
		if _, _, ok := d.Token(wrong); ok {
			t.Errorf("%q came in", wrong)
		}
	}
	for _, wrong := range []string{"", ".", hash[:20], hash + "00", strings.Replace(hash, ".", ":", 1), "x" + hash, strings.Replace(hash, hash[:1], "!", 1)} {
		if _, err := ParseTokenHash("ann", wrong); err == nil {
			t.Errorf("%q is a token hash", wrong)
		}
	}
	if _, err := NewDirectory(Accounts{Credentials: []Credential{{"ann", "a"}}, Tokens: []TokenHash{parsed, parsed}}, nil); err == nil {
		t.Error("a token was listed twice")
	}
}

func TestUsersFiles(t *testing.T) {
	h := hashed(t, "a", 4)
	found, err := Parse(strings.NewReader("# team\n\nann:" + h + "\r\n  \nbob jr.:" + h))
	if err != nil || len(found) != 2 || found[0] != (Credential{"ann", h}) || found[1].Name != "bob jr." {
		t.Errorf("%v %v", found, err)
	}
	for text, want := range map[string]string{
		"":                                  "no users",
		"# nobody\n":                        "no users",
		"ann":                               "line 1 is not of the form",
		":" + h:                             "line 1 is not of the form",
		"ann:" + h + "\nann:" + h:           "line 2 names the same user as line 1",
		"\nann:SECRET":                      "line 2: the password is not a bcrypt hash",
		"ann:$apr1$SECRET$x":                "line 1: the password is not a bcrypt hash",
		"ann:{SHA}SECRET":                   "line 1: the password is not a bcrypt hash",
		"ann:" + h + "\nbob:$2y$17" + h[6:]: "line 2: the password: its bcrypt cost is 17, ",
		"ann:$2a$31" + h[6:]:                "line 1: the password: its bcrypt cost is 31, ",
		"a\x07:" + h:                        "line 1: the name holds a control character",
		"ann:" + strings.Repeat("x", 1<<17): "line 1: ",
	} {
		if _, err := Parse(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing file was read")
	}
}

func TestAUsersFileThatChangedBeforeItWasWatchedIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte("bob:"+hashed(t, "b", 4)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d := directory(t, Accounts{Credentials: []Credential{{"ann", hashed(t, "a", 4)}}})
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	group.Go(func() { d.Watch(ctx, path, 2*time.Millisecond, nil, slog.New(slog.DiscardHandler)) })
	for deadline := time.Now().Add(time.Minute); d.Verify(ctx, "bob", "b") != Right; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("bob cannot come in")
		}
	}
	cancel()
	group.Wait()
}

func TestAUsersFileIsReadAgainWhenItChanges(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	write := func(name, password string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(name+":"+hashed(t, password, 4)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	write("ann", "a")
	credentials, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := directory(t, Accounts{Credentials: credentials})
	ctx, cancel := context.WithCancel(t.Context())
	again := make(chan os.Signal, 1)
	var group sync.WaitGroup
	group.Go(func() { d.Watch(ctx, path, 2*time.Millisecond, again, slog.New(slog.NewTextHandler(io.Discard, nil))) })
	stop := make(chan struct{})
	for range 4 { // readers, for the race detector
		group.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					d.Verify(ctx, "ann", "a")
				}
			}
		})
	}
	await := func(name, password string, want Verdict) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); d.Verify(t.Context(), name, password) != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s with %s is not %v", name, password, want)
			}
		}
	}
	await("ann", "a", Right)
	write("bob", "b")
	await("bob", "b", Right)
	await("ann", "a", Wrong)
	if err := os.WriteFile(path, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	again <- os.Interrupt
	await("bob", "b", Right) // those who could come in still can
	write("cem", "c")
	again <- os.Interrupt
	await("cem", "c", Right)
	close(stop)
	cancel()
	group.Wait()
}
