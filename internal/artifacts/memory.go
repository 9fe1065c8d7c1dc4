package artifacts

import (
	"context"
	"sync"
	"time"
)

// pageSize is the unit in which uploads and downloads get memory: a slow client holds no more than it has sent.
const pageSize = 256 << 10

// memoryPages is how many pages there are for all transfers together: 40 MiB.
const memoryPages = 40 << 20 / pageSize

// idleMemory is how long unused pages are kept before the kernel gets them back.
const idleMemory = 10 * time.Second

// memory is the one pool of pages. It lies outside Go's heap, which would otherwise grow to twice of what is in use.
type memory struct {
	mu      sync.Mutex
	arena   []byte // mapped at first use; untouched pages cost nothing
	free    [][]byte
	limit   int
	freed   chan struct{} // closed and replaced when pages come back
	crowded time.Time     // until then nobody waits
	idle    *time.Timer
}

func newMemory(pages int) *memory { return &memory{limit: pages, freed: make(chan struct{})} }

// try returns a page, or nil when all are in use.
func (m *memory) try() []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take()
}

func (m *memory) take() []byte {
	if m.arena == nil {
		m.arena = mapMemory(m.limit * pageSize)
		m.free = make([][]byte, 0, m.limit)
		for i := m.limit - 1; i >= 0; i-- {
			m.free = append(m.free, m.arena[i*pageSize:(i+1)*pageSize:(i+1)*pageSize])
		}
	}
	if len(m.free) == 0 {
		return nil
	}
	last := len(m.free) - 1
	page := m.free[last] // the one that was used last: it is in the processor's cache, and the others stay untouched
	m.free = m.free[:last]
	return page
}

// The longest that somebody waits for a page, and for how long nobody waits after that was in vain: slow clients hold
// the pages then, and disk is better than waiting.
const (
	pageWait    = 500 * time.Millisecond
	crowdedTime = 5 * time.Second
)

// wait is try for somebody who can wait a little: in the normal case pages come back all the time, and waiting is what
// slows a fast client down to the speed of the store.
func (m *memory) wait(ctx context.Context) []byte {
	var timer *time.Timer
	for {
		m.mu.Lock()
		page := m.take()
		freed, crowded := m.freed, time.Now().Before(m.crowded)
		m.mu.Unlock()
		if page != nil || crowded {
			return page
		}
		if timer == nil {
			timer = time.NewTimer(pageWait)
			defer timer.Stop()
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return nil
		case <-timer.C:
			m.mu.Lock()
			m.crowded = time.Now().Add(crowdedTime)
			m.mu.Unlock()
			return nil
		}
	}
}

// put takes pages back.
func (m *memory) put(pages ...[]byte) {
	if len(pages) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, page := range pages {
		m.free = append(m.free, page[:pageSize])
	}
	close(m.freed)
	m.freed = make(chan struct{})
	if len(m.free) < m.limit {
		return
	}
	if m.idle == nil {
		m.idle = time.AfterFunc(idleMemory, m.release)
	} else {
		m.idle.Reset(idleMemory)
	}
}

// release gives the memory back to the kernel when nothing is in use.
func (m *memory) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.arena != nil && len(m.free) == m.limit {
		forgetMemory(m.arena)
	}
}
