package artifacts

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func sample(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func TestAPartIsWhatWasReadInMemoryAndOnDisk(t *testing.T) {
	for _, size := range []int{0, 1, pageSize - 1, pageSize, pageSize + 1, 3*pageSize + 17, 9 * pageSize} {
		m := newMemory(4)
		content := sample(size)
		p := &part{memory: m}
		complete, err := p.fill(t.Context(), bytes.NewReader(content), 8*pageSize)
		if err != nil || complete != (size < 8*pageSize) {
			t.Fatalf("%d: %v %v", size, complete, err)
		}
		want := content[:min(size, 8*pageSize)]
		for range 2 { // the store may want it twice
			reader := p.reader()
			if got, err := io.ReadAll(reader); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d: %d bytes, %v", size, len(got), err)
			}
			if at, err := reader.Seek(int64(len(want)/2), io.SeekStart); err != nil || at != int64(len(want)/2) {
				t.Error(at, err)
			}
			if got, _ := io.ReadAll(reader); !bytes.Equal(got, want[len(want)/2:]) {
				t.Errorf("%d: wrong from the middle", size)
			}
		}
		if p.crc != crc32.ChecksumIEEE(want) {
			t.Errorf("%d: wrong checksum", size)
		}
		reader := p.reader()
		p.free()
		p.free()
		if _, err := reader.Read(make([]byte, 1)); !errors.Is(err, errFreed) && len(want) > 0 {
			t.Errorf("%d: a freed part can be read: %v", size, err)
		}
		if len(m.free) != m.limit {
			t.Errorf("%d: %d pages are lost", size, m.limit-len(m.free))
		}
	}
}

func TestMemoryIsBoundedAndSharedAndNobodyWaitsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory(2)
		a, b := m.try(), m.try()
		if a == nil || b == nil || m.try() != nil {
			t.Fatal("not two pages")
		}
		go func() {
			time.Sleep(pageWait - 1)
			m.put(a)
		}()
		if c := m.wait(t.Context()); c == nil {
			t.Error("a page that comes back is not waited for")
		}
		started := time.Now()
		if m.wait(t.Context()) != nil || m.crowded.IsZero() {
			t.Error("there is a third page")
		}
		if took := time.Since(started); took != pageWait {
			t.Errorf("a page that does not come back is waited for for %v", took)
		}
		started = time.Now()
		if m.wait(t.Context()); time.Since(started) != 0 {
			t.Error("where waiting was in vain, the next one waits as well")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		m.crowded = time.Time{}
		if m.wait(ctx) != nil {
			t.Error("a page for nobody")
		}
	})
}

func TestPartsGrowSoThatTenThousandAreEnough(t *testing.T) {
	for _, size := range []int64{1, leastPart, 48 << 30, 49 << 30, 5 << 40} {
		if p := partSize(size, 1); p < leastPart || p*mostParts < size {
			t.Errorf("%d in parts of %d", size, p)
		}
	}
	var all int64
	for number := int32(1); number <= mostParts; number++ {
		all += partSize(-1, number)
	}
	if all < 5<<40 {
		t.Errorf("an upload of unknown size can have %d bytes", all)
	}
}

func TestABodyThatBreaksOffIsNoEnd(t *testing.T) {
	for name, c := range map[string]struct {
		size int64
		from io.Reader
		ok   bool
	}{
		"whole":          {3, bytes.NewReader([]byte("abc")), true},
		"unknown size":   {-1, bytes.NewReader([]byte("abc")), true},
		"short":          {5, bytes.NewReader([]byte("abc")), false},
		"cut":            {5, io.MultiReader(bytes.NewReader([]byte("abc")), badReader{io.ErrUnexpectedEOF}), false},
		"cut in a chunk": {-1, io.MultiReader(bytes.NewReader([]byte("abc")), badReader{io.ErrUnexpectedEOF}), false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/x", c.from)
		r.ContentLength = c.size
		p := &part{memory: newMemory(4)}
		complete, err := p.fill(t.Context(), newBody(httptest.NewRecorder(), r, func(int64) error { return nil }), 1<<20)
		if c.ok != (err == nil && complete) || !c.ok && !errors.Is(err, errClientGone) {
			t.Errorf("%s: %v %v", name, complete, err)
		}
	}
}

type badReader struct{ err error }

func (b badReader) Read([]byte) (int, error) { return 0, b.err }
