package artifacts

import (
	"context"
	"io"
)

// S3's limits. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
const (
	leastPart = 5 << 20 // bytes, except for the last part
	mostParts = 10_000
)

// put implements store.
func (s *s3Store) put(ctx context.Context, dir, name string, b *body) error {
	if name == "." {
		drainBody(b)
		return invalid("Invalid path")
	}
	key := joinPath(s.bucket.Prefix, joinPath(dir, name))
	s.active.Add(1)
	defer s.active.Add(-1)

	first := s.newPart()
	defer first.free()
	complete, err := first.fill(ctx, b, partSize(b.size, 1))
	if err != nil {
		return err
	}
	if !complete && b.read == b.size {
		complete, err = atEnd(b)
		if err != nil {
			return err
		}
	}
	if complete {
		return s.putWhole(ctx, key, name, first)
	}
	return s.putParts(ctx, key, name, b, first)
}

// atEnd waits for the end of a body that has been read as far as it was announced.
func atEnd(b *body) (bool, error) {
	_, err := b.Read(make([]byte, 1))
	if err == io.EOF {
		return true, nil
	}
	return false, err
}

// partSize is the size of a part, so that any object fits into the number of parts that S3 allows: of equal size where
// the object's is known, growing every 900 parts where it is not (together 5 TiB).
func partSize(size int64, number int32) int64 {
	if size < 0 {
		return leastPart << ((number - 1) / 900)
	}
	const unit = 1 << 20
	return max(leastPart, (size/mostParts/unit+1)*unit)
}

// putWhole stores an object with one request.
func (s *s3Store) putWhole(ctx context.Context, key, name string, p *part) error {
	answer, err := s.client.PutObject(ctx, s.putInput(key, name, p), p.signed)
	if err != nil {
		return s.failure(err, "writing "+key)
	}
	return checkSum(answer.ChecksumCRC32, p)
}

// checkSum compares what the store says it has with what was sent. Services that know no checksums say nothing.
func checkSum(stored *string, p *part) error {
	if stored != nil && *stored != p.checksum() {
		return later(nil, "The artifact store has something other than what was sent")
	}
	return nil
}
