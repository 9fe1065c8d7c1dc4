package front

import (
	"crypto/md5"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// APR1 is what "htpasswd" makes of a password unless it is asked for something else, made by openssl.
func APR1(user, password string) (string, error) {
	cmd := exec.Command("openssl", "passwd", "-apr1", "-stdin", "-salt", fmt.Sprintf("%.8x", md5.Sum([]byte(user))))
	cmd.Stdin = strings.NewReader(password + "\n")
	out, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return "", Missing{"openssl"}
	}
	if err != nil {
		return "", fmt.Errorf("openssl passwd: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Bcrypt is what "htpasswd -B -C cost" makes, in the spelling that nginx and Apache write.
func Bcrypt(password string, cost int) (string, error) {
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	return "$2y" + strings.TrimPrefix(string(h), "$2a"), err
}
