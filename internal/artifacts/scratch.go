package artifacts

import "sync"

// scratchSize is enough for a copy loop to be bound by the kernel.
const scratchSize = 64 << 10

// scratches are the buffers of copy loops, used again so that memory does not grow with every transfer that ever was.
var scratches scratchPool

type scratchPool struct{ pool sync.Pool }

func (p *scratchPool) get() []byte {
	if b, ok := p.pool.Get().(*[scratchSize]byte); ok {
		return b[:]
	}
	return new([scratchSize]byte)[:]
}

func (p *scratchPool) put(b []byte) { p.pool.Put((*[scratchSize]byte)(b)) }
