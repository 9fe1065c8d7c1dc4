package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/joho/godotenv"
)

// Lookup is the value of a variable and whether it is there at all, like [os.LookupEnv].
type Lookup func(name string) (string, bool)

// maxDotenv bounds .env, in bytes; Heroku allows 64 KB for all config vars of an app.
const maxDotenv = 256 << 10

// Read is the configuration of a process that was started in dir: what its environment, dir/.env and add-ons ask for.
// Environ has all of them under the contract's names, as NAME=value, for programs that are started with it: what only .env
// sets (AWS credentials, say) has to reach them too. The error is [Problems] as of [Load], without any value.
func Read(p Profile, dir string) (environ []string, c *Config, err error) {
	environ, err = Environ(dir)
	if err != nil {
		return nil, nil, err
	}
	environ, problems := withOtherNames(environ)
	c, err = loadAfter(problems, p, LookupIn(environ))
	return environ, c, err
}

// Environ is the process environment as NAME=value, completed by dir/.env where there is one. The environment wins, also
// with an empty value: NAME= in front of a command switches off what .env says. Its error is [Problems], without any value.
func Environ(dir string) ([]string, error) {
	file, err := readDotenv(filepath.Join(dir, ".env"))
	if err != nil {
		return nil, err
	}
	environ := os.Environ()
	process := LookupIn(environ)
	for name, value := range file {
		if _, ok := process(name); !ok {
			environ = append(environ, name+"="+value)
		}
	}
	return environ, nil
}

// LookupIn looks into a list of NAME=value, in which the first of two equal names counts, as in [os.Getenv].
func LookupIn(environ []string) Lookup {
	values := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, ok := strings.Cut(entry, "=")
		if _, seen := values[name]; ok && !seen {
			values[name] = value
		}
	}
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func readDotenv(path string) (map[string]string, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, Problems{{".env", fmt.Sprintf("cannot be read: %v", err)}}
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxDotenv+1))
	if err != nil {
		return nil, Problems{{".env", fmt.Sprintf("cannot be read: %v", err)}}
	}
	if len(text) > maxDotenv {
		return nil, Problems{{".env", fmt.Sprintf("is larger than %d bytes", maxDotenv)}}
	}
	if values, ok := parseDotenv(text); ok {
		return values, nil
	}
	return nil, Problems{{".env", fmt.Sprintf("line %d is not NAME='value'", badLine(text))}}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// parseDotenv drops godotenv's error, which quotes the rest of the file, secrets included. It also refuses what
// godotenv lets pass: a name with spaces or none at all, and a last line without "=" (hence the added line break).
func parseDotenv(text []byte) (map[string]string, bool) {
	values, err := godotenv.UnmarshalBytes(append(bytes.Clone(text), '\n'))
	if err != nil {
		return nil, false
	}
	for name := range values {
		if !variableName.MatchString(name) {
			return nil, false
		}
	}
	return values, true
}

// badLine is the line where the first bad statement begins: the one after the longest run of lines that can be parsed.
func badLine(text []byte) int {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for n := len(lines) - 1; n > 0; n-- {
		if _, ok := parseDotenv(bytes.Join(lines[:n], nil)); ok {
			return n + 1
		}
	}
	return 1
}
