package users

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strings"
)

// A token is mlf_ID_SECRET. The id is public: it tells tokens apart in the configuration and in the audit log. The
// secret has 130 random bits, so that a fast hash of it is as safe as a slow one.
const (
	tokenPrefix = "mlf_"
	tokenIDSize = 10
	secretSize  = 26 // what rand.Text returns: 26 characters of 5 bits
)

// ErrTokenHash is returned by ParseTokenHash for a text that is no token's hash.
var ErrTokenHash = errors.New("not of the form ID.HASH that \"mlflow-server token new\" prints")

// TokenHash is a token as configured: whose it is, its public id and the SHA-256 of the whole token.
type TokenHash struct {
	User string
	ID   string
	Hash [sha256.Size]byte
}

// NewToken makes a token and what to configure for it: ID.HASH, to be written behind "user:" in MLFLOW_TOKENS.
func NewToken() (token, hash string) {
	id := strings.ToLower(rand.Text()[:tokenIDSize])
	token = tokenPrefix + id + "_" + strings.ToLower(rand.Text())
	sum := sha256.Sum256([]byte(token))
	return token, id + "." + hex.EncodeToString(sum[:])
}

// ParseTokenHash reads what NewToken returned as hash. Its error holds nothing of the text.
func ParseTokenHash(user, text string) (TokenHash, error) {
	id, sum, ok := strings.Cut(text, ".")
	raw, err := hex.DecodeString(sum)
	if !ok || err != nil || len(raw) != sha256.Size || !isTokenText(id, tokenIDSize) {
		return TokenHash{}, ErrTokenHash
	}
	return TokenHash{User: user, ID: id, Hash: [sha256.Size]byte(raw)}, nil
}

// tokenID is the public id of what looks like a token.
func tokenID(text string) (id string, ok bool) {
	rest, ok := strings.CutPrefix(text, tokenPrefix)
	if !ok || len(rest) != tokenIDSize+1+secretSize || rest[tokenIDSize] != '_' {
		return "", false
	}
	id = rest[:tokenIDSize]
	return id, isTokenText(id, tokenIDSize) && isTokenText(rest[tokenIDSize+1:], secretSize)
}

// isTokenText is true for size characters of lower-case base32.
func isTokenText(s string, size int) bool {
	if len(s) != size {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// tokens are the known ones, by id.
type tokens map[string]TokenHash

// owner is whose token it is; ok is false for one that is not known.
func (t tokens) owner(text string) (found TokenHash, ok bool) {
	id, ok := tokenID(text)
	if !ok {
		return TokenHash{}, false
	}
	found, ok = t[id]
	if !ok {
		return TokenHash{}, false
	}
	sum := sha256.Sum256([]byte(text))
	return found, subtle.ConstantTimeCompare(sum[:], found.Hash[:]) == 1
}
