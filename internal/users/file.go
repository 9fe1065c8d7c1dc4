package users

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxUsersFile bounds what is read of a users file, in bytes: some 100,000 users.
const maxUsersFile = 8 << 20

// ReadFile reads a users file; see Parse.
func ReadFile(path string) ([]Credential, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return Parse(io.LimitReader(file, maxUsersFile))
}

// Parse reads users in htpasswd format: one "name:hash" in a line, with bcrypt hashes ("htpasswd -B" and
// "mlflow-server hash-password" make them), and # for comments. Errors name the line and show nothing of it.
func Parse(r io.Reader) ([]Credential, error) {
	var found []Credential
	line, seen := 0, map[string]int{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line++
		text := strings.TrimSuffix(lines.Text(), "\r")
		if strings.TrimSpace(text) == "" || strings.HasPrefix(text, "#") {
			continue
		}
		name, hash, ok := strings.Cut(text, ":")
		switch {
		case !ok || name == "":
			return nil, fmt.Errorf("line %d is not of the form name:hash", line)
		case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
			return nil, fmt.Errorf("line %d: the name holds a control character or is not UTF-8", line)
		case seen[name] > 0:
			return nil, fmt.Errorf("line %d names the same user as line %d", line, seen[name])
		case !IsHash(hash):
			return nil, fmt.Errorf("line %d: the password is not a bcrypt hash ($2y$…); make it with \"htpasswd -B\" or \"mlflow-server hash-password\"", line)
		}
		if err := CheckCost(hash); err != nil {
			return nil, fmt.Errorf("line %d: the password: %w", line, err)
		}
		seen[name] = line
		found = append(found, Credential{Name: name, Password: hash})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", line+1, err)
	}
	if len(found) == 0 {
		return nil, ErrNobody
	}
	return found, nil
}
