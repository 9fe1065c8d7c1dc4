package provision

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// Error is a failed installation, in words for the person who started it.
type Error struct {
	// Doing is the step that failed, such as "installing the packages".
	Doing string
	// Err is what went wrong.
	Err error
	// Advice is what to do about it, in whole sentences; "" when there is nothing better to say than Err.
	Advice string
	// Kind sorts the causes that are known, for a caller with better advice; "" for the others.
	Kind Kind
}

// Kind is what kind of thing went wrong.
type Kind string

// The kinds of failures.
const (
	NoSpace       Kind = "space"        // the disk is full
	NotWritable   Kind = "permission"   // a directory cannot be written to
	Unsatisfiable Kind = "requirements" // requirements that are no requirements, or do not fit together
	WrongHash     Kind = "checksum"     // a file is not the pinned one
	Unreachable   Kind = "network"      // the package index was not reached
	Untrusted     Kind = "certificate"  // a certificate is not trusted
)

func (e *Error) Error() string {
	text := e.Doing + ": " + e.Err.Error()
	if e.Advice != "" {
		text += "\n" + e.Advice
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// failed wraps err, with advice for the causes that are known.
func failed(doing string, err error) error {
	if e := (*Error)(nil); errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	kind := kindOf(err)
	return &Error{Doing: doing, Err: err, Advice: advice[kind], Kind: kind}
}

// advice for each kind.
var advice = map[Kind]string{
	NoSpace: fmt.Sprintf("The disk is full. About %d MB are needed for the runtime and as much again for uv's cache, "+
		"which \"uv cache clean\" empties.", neededMB),
	NotWritable:   "The directory cannot be written to. Set XDG_CACHE_HOME to one that can, or name another for the runtime.",
	Unsatisfiable: "These requirements do not fit together. Loosen the ones you gave, or name the package that is in the way.",
	WrongHash: "A package is not the one the lock was made with. If you use an index of your own, make it serve the " +
		"files of the Python package index unchanged.",
	Unreachable: "The Python package index was not reached. Check the network and the proxy, set UV_DEFAULT_INDEX for an " +
		"index of your own, then try again: what was fetched is kept.",
	Untrusted: "A proxy's certificate is not trusted. Set SSL_CERT_FILE to the file with its certificate authority.",
}

// kindOf reads an error of the system, or what uv and pip say.
func kindOf(err error) Kind {
	text := err.Error()
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(text, p) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || has("No space left on device", "Disk quota exceeded"):
		return NoSpace
	case errors.Is(err, syscall.EACCES) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.EPERM) ||
		errors.Is(err, syscall.ENOTDIR) ||
		has("Permission denied", "Read-only file system"):
		return NotWritable
	case has("No solution found", "Because "):
		return Unsatisfiable
	case has("Hash mismatch", "hash mismatch", "do not match the hashes", "DO NOT MATCH", "its sha256 is "):
		return WrongHash
	// Before the next: uv says both when a certificate is why a request failed.
	case has("invalid peer certificate", "certificate verify failed", "UnknownIssuer"):
		return Untrusted
	case has("dns error", "error sending request", "Connection refused", "connection refused", "timed out", "Failed to fetch",
		"no such host", "Could not connect", "Request failed after", "Network is unreachable", "503 Service Unavailable",
		"error decoding response body", "it broke off after", "the server answered 5"):
		return Unreachable
	}
	return ""
}

// neededMB is the disk space a runtime takes, rounded up, in MB.
const neededMB = 450
