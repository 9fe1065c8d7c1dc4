package artifacts

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// One connection to S3 carries less than most clients can take. After measureBytes it is known who waits for whom; if it
// is the client for the store, and there is enough left, several stretches are fetched at once.
const (
	measureBytes  = 8 << 20
	worthwhile    = 32 << 20
	stretchPages  = 16 // 4 MiB
	stretchesMost = 4  // at once
)

// stretch is a piece of an object on its way into memory.
type stretch struct {
	at, end int64
	pages   [][]byte // none: there was no memory, and the piece has not been fetched
	err     error
	ready   chan struct{}
}

// fetchAhead sends an object from at to its end.
func fetchAhead(w http.ResponseWriter, control *http.ResponseController, o *object, at int64) error {
	ctx, cancel := context.WithCancel(o.ctx)
	fetched := *o
	fetched.ctx = ctx
	var running sync.WaitGroup
	var queue []*stretch
	defer func() {
		cancel()
		running.Wait()
		for _, s := range queue {
			o.store.memory.put(s.pages...)
		}
	}()
	for next := at; next < o.size || len(queue) > 0; {
		for len(queue) < stretchesMost && next < o.size {
			s := &stretch{at: next, end: min(next+stretchPages*pageSize, o.size), ready: make(chan struct{})}
			next = s.end
			queue = append(queue, s)
			running.Go(func() {
				defer close(s.ready)
				s.fetch(&fetched)
			})
		}
		s := queue[0]
		select {
		case <-s.ready:
		case <-ctx.Done():
			return context.Cause(o.ctx)
		}
		if s.err != nil {
			return s.err
		}
		if err := s.send(w, control, &fetched); err != nil {
			return err
		}
		o.store.memory.put(s.pages...)
		queue = queue[1:]
	}
	return nil
}

// fetch reads the stretch into memory, if there is any.
func (s *stretch) fetch(o *object) {
	for range int((s.end - s.at + pageSize - 1) / pageSize) {
		page := o.store.memory.try()
		if page == nil {
			o.store.memory.put(s.pages...)
			s.pages = nil
			return
		}
		s.pages = append(s.pages, page)
	}
	source := &steady{object: o, at: s.at, end: s.end}
	defer source.close()
	left := s.end - s.at
	for i := range s.pages {
		s.pages[i] = s.pages[i][:min(left, pageSize)]
		left -= int64(len(s.pages[i]))
		if _, err := io.ReadFull(source, s.pages[i]); err != nil {
			s.err = err
			return
		}
	}
}

// send passes the stretch on, from memory or straight from the store.
func (s *stretch) send(w http.ResponseWriter, control *http.ResponseController, o *object) error {
	for _, page := range s.pages {
		_ = control.SetWriteDeadline(time.Now().Add(stalled))
		if _, err := w.Write(page); err != nil {
			return err
		}
	}
	if s.pages != nil {
		return nil
	}
	source := &steady{object: o, at: s.at, end: s.end}
	defer source.close()
	scratch := scratches.get()
	defer scratches.put(scratch)
	for {
		n, err := source.Read(scratch)
		_ = control.SetWriteDeadline(time.Now().Add(stalled))
		if _, werr := w.Write(scratch[:n]); werr != nil {
			return werr
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
