package users

import (
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/crypto/bcrypt"
)

const (
	// MaxHashedPassword is the longest password that bcrypt can tell apart, in bytes.
	MaxHashedPassword = 72
	// DefaultCost is the bcrypt cost that HashPassword is used with unless another is asked for: about 70 ms of one
	// core, paid once per user and process.
	DefaultCost = 10
	// MinCost and MaxCost bound the cost of a new hash. Below 10 a stolen hash is cheap to guess, above 14 (about a
	// second) the first login after a start feels broken.
	MinCost = 10
	MaxCost = 14
	// HighestCost is the highest cost of a hash that is taken, whoever made it. Every attempt that is not recognised does
	// the work of the highest one there is, so that a single line with more would make each guess take a core for longer
	// than the five seconds or so of 16.
	HighestCost = 16
)

// ErrPasswordTooLong is returned for a password of more than MaxHashedPassword bytes: bcrypt would ignore the rest.
var ErrPasswordTooLong = errors.New("the password is longer than 72 bytes, and bcrypt ignores what comes after them")

// ErrPasswordEmpty is returned for an empty password.
var ErrPasswordEmpty = errors.New("the password is empty")

var bcryptHash = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$`)

// IsHash reports whether s is a complete bcrypt hash ($2a$, $2b$ or $2y$).
func IsHash(s string) bool { return bcryptHash.MatchString(s) }

// CheckCost returns an error for a bcrypt hash of more than HighestCost.
func CheckCost(hash string) error {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil {
		return err
	}
	if cost > HighestCost {
		return fmt.Errorf("its bcrypt cost is %d, with which every wrong password would keep a core busy for long; at most %d is taken", cost, HighestCost)
	}
	return nil
}

// HashPassword returns the bcrypt hash of a password, to be used in its place in the configuration.
func HashPassword(password string, cost int) (string, error) {
	switch {
	case password == "":
		return "", ErrPasswordEmpty
	case len(password) > MaxHashedPassword:
		return "", ErrPasswordTooLong
	case cost < MinCost || cost > MaxCost:
		return "", fmt.Errorf("the cost must be between %d and %d, not %d", MinCost, MaxCost, cost)
	}
	h, err := bcrypt.GenerateFromPassword([]byte(password), cost)
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}
	return string(h), nil
}
