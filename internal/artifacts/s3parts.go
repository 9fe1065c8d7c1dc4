package artifacts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Parts of one upload that are on their way at once: few when many uploads share the memory.
const (
	partsPerUpload = 4
	partsInAll     = memoryPages * pageSize / leastPart
)

const (
	// partTime is how long it may take to send a part, beginTime to begin an upload.
	partTime  = 15 * time.Minute
	beginTime = time.Minute
	// settleTime is what parts on their way get to arrive when an upload has failed, before they are interrupted: one that
	// arrives after the upload has been aborted stays in the store.
	settleTime     = 5 * time.Second
	settleStopping = 500 * time.Millisecond
)

// putParts stores an object in parts while the body arrives. The first one has been read already.
func (s *s3Store) putParts(ctx context.Context, key, name string, b *body, first *part) error {
	// Not to be interrupted: the store would have begun an upload whose id nobody knows.
	begin, cancel := context.WithTimeout(context.WithoutCancel(ctx), beginTime)
	defer cancel()
	created, err := s.client.CreateMultipartUpload(begin, s.createInput(key, name))
	if err != nil {
		return s.failure(err, "beginning the upload of "+key)
	}
	id := aws.ToString(created.UploadId)
	noted := s.journal.add(unfinished{Bucket: s.bucket.Name, Key: key, ID: id})
	u := &multipart{store: s, key: key, id: id}
	u.ctx, u.cancel = context.WithCancel(context.WithoutCancel(ctx))
	defer u.cancel()

	err = u.send(ctx, b, first)
	if err == nil {
		err = u.complete(ctx)
	}
	if err != nil {
		s.discard(ctx, key, id, noted)
		return err
	}
	s.journal.remove(noted)
	return nil
}

// multipart is one upload in parts.
type multipart struct {
	store   *s3Store
	key, id string
	ctx     context.Context // of the parts: it outlives the request
	cancel  context.CancelFunc
	running sync.WaitGroup

	mu    sync.Mutex
	freed *sync.Cond // a part has been sent
	busy  int
	parts []types.CompletedPart
	err   error
}

// send reads the body part by part and sends the parts. When it returns, nothing is under way any more.
func (u *multipart) send(ctx context.Context, b *body, first *part) error {
	u.freed = sync.NewCond(&u.mu)
	stop := context.AfterFunc(ctx, func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.freed.Broadcast()
	})
	defer stop()

	u.start(1, first)
	for number, complete := int32(2), false; !complete && u.waitForTurn(ctx); number++ {
		if number > mostParts {
			u.fail(invalid("The artifact is larger than the store can take"))
			break
		}
		next := u.store.newPart()
		var err error
		complete, err = next.fill(ctx, b, partSize(b.size, number))
		if err == nil && !complete && b.read == b.size {
			complete, err = atEnd(b)
		}
		if err != nil || next.size == 0 {
			next.free()
			u.fail(err)
			break
		}
		u.start(number, next)
	}
	if err := ctx.Err(); err != nil {
		u.fail(b.broken(err))
	}
	return u.settle(ctx)
}

// settle waits for the parts that are on their way and returns the first error.
func (u *multipart) settle(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		u.running.Wait()
		close(done)
	}()
	u.mu.Lock()
	failed := u.err != nil
	u.mu.Unlock()
	if !failed {
		select {
		case <-done:
		case <-ctx.Done():
			u.fail(later(context.Cause(ctx), "The upload was interrupted"))
		}
	}
	if u.failure() == nil {
		return nil
	}
	patience := settleTime
	if errors.Is(context.Cause(ctx), errStopping) {
		patience = settleStopping
	}
	timer := time.AfterFunc(patience, u.cancel)
	<-done
	timer.Stop()
	return u.failure()
}

func (u *multipart) failure() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err
}

// waitForTurn waits until another part may be read, and says whether there is any use in that.
func (u *multipart) waitForTurn(ctx context.Context) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	// One part is being read while the others are sent.
	for u.err == nil && ctx.Err() == nil && u.busy >= u.store.share() {
		u.freed.Wait()
	}
	return u.err == nil && ctx.Err() == nil
}

// share is how many parts of one upload may be on their way at once.
func (s *s3Store) share() int {
	return min(max(partsInAll/int(max(s.active.Load(), 1))-1, 1), partsPerUpload)
}

func (u *multipart) start(number int32, p *part) {
	u.mu.Lock()
	u.busy++
	u.mu.Unlock()
	u.running.Go(func() {
		err := u.sendPart(number, p)
		p.free()
		u.fail(err)
		u.mu.Lock()
		defer u.mu.Unlock()
		u.busy--
		u.freed.Broadcast()
	})
}

// fail notes the first error.
func (u *multipart) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err = err
	}
}

func (u *multipart) sendPart(number int32, p *part) error {
	ctx, cancel := context.WithTimeout(u.ctx, partTime)
	defer cancel()
	sum := p.checksum()
	answer, err := u.store.client.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &u.store.bucket.Name, Key: &u.key, UploadId: &u.id, PartNumber: &number, ExpectedBucketOwner: u.store.owner,
		Body: p.reader(), ContentLength: aws.Int64(p.size), ChecksumCRC32: &sum,
	}, p.signed)
	if isGone(err) { // somebody has aborted it; a client does not repeat a 404
		return later(err, "The artifact store lost the upload")
	}
	if err != nil {
		return u.store.failure(err, fmt.Sprintf("writing part %d of %s", number, u.key))
	}
	if err := checkSum(answer.ChecksumCRC32, p); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	completed := types.CompletedPart{PartNumber: aws.Int32(number), ETag: answer.ETag}
	if answer.ChecksumCRC32 != nil {
		completed.ChecksumCRC32 = answer.ChecksumCRC32
	}
	u.parts = append(u.parts, completed)
	return nil
}

// complete makes the object appear.
func (u *multipart) complete(ctx context.Context) error {
	slices.SortFunc(u.parts, func(a, b types.CompletedPart) int { return int(*a.PartNumber - *b.PartNumber) })
	err := u.store.finish(ctx, u.key, u.id, u.parts)
	if isGone(err) {
		return later(err, "The artifact store lost the upload")
	}
	return u.store.failure(err, "completing the upload of "+u.key)
}
