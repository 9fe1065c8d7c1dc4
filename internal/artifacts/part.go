package artifacts

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"sync"
)

// part is a piece of an upload on its way to the store: in memory as far as there is some, the rest in a file that has
// no name. It can be read again when the store wants it once more.
type part struct {
	memory *memory
	pages  [][]byte
	inRAM  int64
	file   *os.File
	size   int64
	crc    uint32
	sum    hash.Hash // SHA-256; nil where the content is not signed

	mu     sync.Mutex // guards closed against readers that the HTTP client has not let go of yet
	closed bool
}

// fill reads up to limit bytes. complete says that the source has come to its end.
func (p *part) fill(ctx context.Context, from io.Reader, limit int64) (complete bool, err error) {
	for p.size < limit && !complete {
		var buffer []byte
		if p.file == nil {
			if buffer = p.memory.wait(ctx); buffer == nil {
				if err := ctx.Err(); err != nil {
					return false, err
				}
				if err := p.openFile(); err != nil {
					return false, err
				}
			}
		}
		if buffer != nil {
			p.pages = append(p.pages, buffer)
			buffer = buffer[:min(pageSize, limit-p.size)]
			n, err := io.ReadFull(from, buffer)
			p.pages[len(p.pages)-1] = buffer[:n]
			p.inRAM += int64(n)
			p.count(buffer[:n])
			if complete, err = ended(err); err != nil {
				return false, err
			}
			continue
		}
		if complete, err = p.fillFile(from, limit); err != nil {
			return false, err
		}
	}
	return complete, nil
}

func (p *part) fillFile(from io.Reader, limit int64) (complete bool, err error) {
	scratch := scratches.get()
	defer scratches.put(scratch)
	for p.size < limit {
		n, err := io.ReadFull(from, scratch[:min(int64(len(scratch)), limit-p.size)])
		if _, werr := p.file.Write(scratch[:n]); werr != nil {
			return false, later(werr, "There is no space left for this upload")
		}
		p.count(scratch[:n])
		if complete, err := ended(err); complete || err != nil {
			return complete, err
		}
	}
	return false, nil
}

// ended tells the end of a body from its breaking off. body never returns io.ErrUnexpectedEOF, io.ReadFull does.
func ended(err error) (complete bool, _ error) {
	if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errClientGone) {
		return true, nil
	}
	return false, err
}

func (p *part) count(b []byte) {
	p.size += int64(len(b))
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	if p.sum != nil {
		p.sum.Write(b)
	}
}

func (p *part) openFile() error {
	file, err := os.CreateTemp("", "mlflow-upload-*")
	if err != nil {
		return later(err, "There is no space left for this upload")
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return fmt.Errorf("hiding a temporary file: %w", err)
	}
	p.file = file
	return nil
}

// checksum is the CRC-32 of everything as S3 writes it.
func (p *part) checksum() string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], p.crc)
	return base64.StdEncoding.EncodeToString(b[:])
}

// free gives everything back. A reader that is still in somebody's hands fails from now on.
func (p *part) free() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.memory.put(p.pages...)
	p.pages = nil
	if p.file != nil {
		_ = p.file.Close()
	}
}

// reader reads the part from its beginning.
func (p *part) reader() *partReader { return &partReader{part: p} }

type partReader struct {
	part *part
	at   int64
}

var errFreed = errors.New("this part is no longer there")

// Read implements io.Reader.
func (r *partReader) Read(b []byte) (int, error) {
	p := r.part
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return 0, errFreed
	case r.at >= p.size:
		return 0, io.EOF
	case r.at >= p.inRAM:
		n, err := p.file.ReadAt(b[:min(int64(len(b)), p.size-r.at)], r.at-p.inRAM)
		r.at += int64(n)
		if n > 0 && err == io.EOF {
			err = nil
		}
		return n, err
	}
	n := copy(b, p.pages[r.at/pageSize][r.at%pageSize:])
	r.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (r *partReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.part.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seeking to %d in a part", offset)
	}
	r.at = offset
	return offset, nil
}
