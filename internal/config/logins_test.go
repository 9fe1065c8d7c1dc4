package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

const goodHash = "$2b$12$" + "abcdefghijklmnopqrstuv" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ01234"

func TestLists(t *testing.T) {
	for list, want := range map[string][]string{
		"a": {"a"}, "a,b": {"a", "b"}, " a , b ": {" a ", " b "}, `a\,b,c`: {"a,b", "c"}, `\,`: {","}, `a\b,c\`: {`a\b`, `c\`},
		",": {"", ""}, "a,": {"a", ""}, `a\\,b`: {`a\,b`}, "ü,#": {"ü", "#"},
	} {
		if got := splitList(list); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", list, got, want)
		}
	}
}

func TestUsersHaveThePasswordAtTheirPlace(t *testing.T) {
	c := mustLoad(t, Serve, map[string]string{usernameVariable: `ann,bob\, jr, eve`, passwordVariable: `p:w#@/,` + goodHash + `,` + strings.Repeat("x", 200)})
	want := []User{{"ann", "p:w#@/"}, {"bob, jr", goodHash}, {" eve", Secret(strings.Repeat("x", 200))}}
	if !slices.Equal(c.Users, want) || c.DefaultLogin {
		t.Errorf("got %d users, default login %v", len(c.Users), c.DefaultLogin)
	}
}

func TestBcryptHashes(t *testing.T) {
	rest := goodHash[7:]
	for _, hash := range []string{"$2a$04$" + rest, "$2b$16$" + rest, "$2y$10$" + rest, "$2fast", "$3b$12$x", "2b$12$x", "$apr1$x"} {
		mustLoad(t, Serve, map[string]string{passwordVariable: hash})
	}
	for _, hash := range []string{"$2b$12$short", "$2b$03$" + rest, "$2b$32$" + rest, "$2b$1$" + rest, "$2x$12$" + rest, "$2$12$" + rest,
		"$2b$12$" + rest + "x", "$2b$12$" + rest[1:] + "!", "$2b$12$" + rest + "\n"} {
		line := mustReject(t, map[string]string{passwordVariable: hash})
		if !strings.HasPrefix(line, passwordVariable+": password 1 looks like a bcrypt hash") || strings.Contains(line, hash[7:]) {
			t.Errorf("%q: %s", hash, line)
		}
	}
}

func TestHashesThatWouldKeepACoreBusyAreRefused(t *testing.T) {
	for _, cost := range []string{"17", "31"} {
		hash := goodHash[:4] + cost + goodHash[6:]
		want := ": its bcrypt cost is " + cost + ", "
		if line := mustReject(t, map[string]string{usernameVariable: "a,b", passwordVariable: "x," + hash}); !strings.HasPrefix(line, passwordVariable+": password 2"+want) || strings.Contains(line, hash[7:]) {
			t.Errorf("%s", line)
		}
		if line := mustReject(t, map[string]string{usersFileVariable: usersFile(t, "ann:"+hash)}); !strings.Contains(line, "line 1: the password"+want) || strings.Contains(line, hash[7:]) {
			t.Errorf("%s", line)
		}
	}
}

func TestLoginsThatAreRefused(t *testing.T) {
	for name, c := range map[string]struct{ users, passwords, want string }{
		"more passwords than users":  {"ann", "hunter2,x", "MLFLOW_TRACKING_PASSWORD: 2 passwords for 1 user in"},
		"fewer passwords":            {"a,b,c", "hunter2,x", "MLFLOW_TRACKING_PASSWORD: 2 passwords for 3 users in"},
		"an empty user":              {"a,", "hunter2,x", "MLFLOW_TRACKING_USERNAME: user 2 has no name"},
		"an empty password":          {"a,b", "hunter2,", "MLFLOW_TRACKING_PASSWORD: password 2 is empty"},
		"the same user twice":        {"a,b,a", "hunter2,x,y", "MLFLOW_TRACKING_USERNAME: user 3 has the same name as user 1"},
		"a colon in a user":          {"a:b", "hunter2", "MLFLOW_TRACKING_USERNAME: the name of user 1 holds a colon"},
		"a line break in a password": {"a,b", "x,hunter2\n", "MLFLOW_TRACKING_PASSWORD: password 2 holds a line break"},
		"a line break in a user":     {"a\nb", "hunter2", "MLFLOW_TRACKING_USERNAME: the name of user 1 holds a control character"},
		"bytes that are not UTF-8":   {"a\xff", "hunter2", "MLFLOW_TRACKING_USERNAME: the name of user 1 holds a control character or is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			line := mustReject(t, map[string]string{usernameVariable: c.users, passwordVariable: c.passwords})
			if !strings.HasPrefix(line, c.want) || strings.Contains(line, "hunter2") {
				t.Errorf("got %s", line)
			}
		})
	}
}

func TestTheDefaultPasswordIsForLoopbackOnly(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "::1", "localhost"} {
		if c := mustLoad(t, Serve, map[string]string{passwordVariable: "", "MLFLOW_HOST": host}); !c.DefaultLogin {
			t.Errorf("%s: the login is the default one", host)
		}
	}
	if c := mustLoad(t, Serve, map[string]string{passwordVariable: "", "MLFLOW_ALLOW_DEFAULT_LOGIN": "true"}); !c.DefaultLogin {
		t.Error("the login is the default one")
	}
	for i, variables := range []map[string]string{
		{passwordVariable: ""},
		{passwordVariable: "mlflow"},
		{passwordVariable: "", usernameVariable: "ann"},
		{passwordVariable: "x,mlflow", usernameVariable: "ann,bob"},
		{passwordVariable: "", "MLFLOW_ALLOW_DEFAULT_LOGIN": "false", "MLFLOW_HOST": "::"},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			line := mustReject(t, variables)
			if !strings.HasPrefix(line, passwordVariable+": the default password is refused") ||
				!strings.Contains(line, `set another (MLFLOW_TRACKING_PASSWORD="$(openssl rand -hex 16)")`) {
				t.Errorf("got %s", line)
			}
		})
	}
	line := mustReject(t, map[string]string{passwordVariable: "", "MLFLOW_ALLOW_EPHEMERAL": "true", "DYNO": "web.1"})
	if !strings.Contains(line, `(heroku config:set MLFLOW_TRACKING_PASSWORD="$(openssl rand -hex 16)")`) {
		t.Errorf("on a dyno: %s", line)
	}
}

func TestAHashOfTheDefaultPasswordIsForLoopbackOnly(t *testing.T) {
	hashOf := func(password string) string {
		h, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		return string(h)
	}
	known, other := hashOf("mlflow"), hashOf("another")
	list := map[string]string{usernameVariable: "ann,bob", passwordVariable: other + "," + known}
	file := map[string]string{usersFileVariable: usersFile(t, "ann:"+other+"\nbob:"+known+"\n")}
	for variable, variables := range map[string]map[string]string{passwordVariable: list, usersFileVariable: file} {
		line := mustReject(t, variables)
		if !strings.HasPrefix(line, variable+": the default password is refused on 0.0.0.0, ") || strings.Contains(line, known) {
			t.Errorf("got %s", line)
		}
		for _, more := range []string{"MLFLOW_ALLOW_DEFAULT_LOGIN=true", "MLFLOW_HOST=127.0.0.1"} {
			name, value, _ := strings.Cut(more, "=")
			allowed := maps.Clone(variables)
			allowed[name] = value
			mustLoad(t, Serve, allowed)
		}
	}
	mustLoad(t, Serve, map[string]string{usernameVariable: "mlflow,bob", passwordVariable: other + "," + other})

	// Of a hundred thousand users not all can be looked at: it would take two hours. The name that everybody knows comes
	// first.
	var names, hashes []string
	for i := range 100_000 {
		names, hashes = append(names, fmt.Sprint("user", i)), append(hashes, fmt.Sprintf("$2b$10$%053d", i))
	}
	mustLoad(t, Serve, map[string]string{usersFileVariable: usersFile(t, lines(names, hashes))})
	mustReject(t, map[string]string{usersFileVariable: usersFile(t, lines(append(names, "mlflow"), append(hashes, known)))})
}

// lines are those of a users file.
func lines(names, hashes []string) string {
	var b strings.Builder
	for i, name := range names {
		fmt.Fprintf(&b, "%s:%s\n", name, hashes[i])
	}
	return b.String()
}

func TestAProtectionIsSwitchedByTrueAndFalseOnly(t *testing.T) {
	for _, value := range []string{"1", "yes", "TRUE", "ture", " true"} {
		line := mustReject(t, map[string]string{"MLFLOW_ALLOW_DEFAULT_LOGIN": value})
		if !strings.HasPrefix(line, "MLFLOW_ALLOW_DEFAULT_LOGIN: ") {
			t.Errorf("%q: %s", value, line)
		}
	}
}
