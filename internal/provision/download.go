package provision

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// downloader fetches one file whose checksum is known.
type downloader struct {
	client *http.Client
	// tries for answers that may be better the next time, with pause between the first two, twice that after, ….
	tries int
	pause time.Duration
	// progress is told how much has come; total is -1 when the server does not say.
	progress func(done, total int64)
}

// stallTime is how long a transfer may bring nothing at all.
const stallTime = 30 * time.Second

func newDownloader(progress func(done, total int64)) downloader {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	return downloader{
		client: &http.Client{Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           dialer.DialContext,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: stallTime,
			ForceAttemptHTTP2:     true,
		}},
		tries: 4, progress: progress,
	}
}

// permanent is an error that another try would only repeat.
type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

// fetch writes the file at address to the path name. A file with another checksum is removed and an error.
func (d downloader) fetch(ctx context.Context, address, name, checksum string) error {
	var err error
	for try := range d.tries {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ended(ctx)
			case <-time.After(d.pause << (try - 1)):
			}
		}
		if err = d.once(ctx, address, name, checksum); err == nil {
			return nil
		}
		_ = os.Remove(name)
		if ctx.Err() != nil {
			return ended(ctx)
		}
		// A name that does not exist or a refusal is how a machine without this network answers: at once, and again.
		if dns := (*net.DNSError)(nil); errors.As(err, new(permanent)) || errors.As(err, &dns) && dns.IsNotFound {
			break
		}
	}
	return fmt.Errorf("downloading %s: %w", redact(address), err)
}

func (d downloader) once(ctx context.Context, address, name, checksum string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return permanent{err}
	}
	response, err := d.client.Do(request)
	if err != nil {
		if whole := (*url.Error)(nil); errors.As(err, &whole) {
			err = whole.Err // without the address, which fetch puts before it
		}
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		err := fmt.Errorf("the server answered %s", response.Status)
		if s := response.StatusCode; s >= 500 || s == http.StatusTooManyRequests || s == http.StatusRequestTimeout {
			return err
		}
		return permanent{err}
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return permanent{err}
	}
	defer file.Close()

	sum := sha256.New()
	stalled := time.AfterFunc(stallTime, func() { cancel(fmt.Errorf("nothing came for %v", stallTime)) })
	defer stalled.Stop()
	body := &meter{from: response.Body, each: func(done int64) {
		stalled.Reset(stallTime)
		if d.progress != nil {
			d.progress(done, response.ContentLength)
		}
	}}
	if _, err := io.Copy(io.MultiWriter(file, sum), body); err != nil {
		if ctx.Err() != nil {
			return ended(ctx)
		}
		return fmt.Errorf("it broke off after %d bytes: %w", body.done, err)
	}
	if err := file.Close(); err != nil {
		return permanent{err}
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != checksum {
		return fmt.Errorf("its sha256 is %s instead of %s", got, checksum)
	}
	return nil
}

// meter counts what is read through it.
type meter struct {
	from io.Reader
	done int64
	each func(done int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.from.Read(p)
	if n > 0 {
		m.done += int64(n)
		m.each(m.done)
	}
	return n, err
}
