package artifacts

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"mlflow-server/internal/config"
)

// Finding is one thing that Examine has looked at.
type Finding struct {
	// Check names it, State is "ok", "warn" or "fail".
	Check, State string
	// Text is what was found, Fix what to do about it; each may be empty.
	Text, Fix string
}

// Examination is what Examine has found.
type Examination struct {
	Findings []Finding
	// Ahead is how far this machine's clock is ahead of the store's; Dated says that the store has told the time.
	Ahead time.Duration
	Dated bool
}

// examineLimit is how long the store may take to answer one question of an examination, connecting and trying again
// included: nobody who asks what is wrong wants to wait for as long as an upload does.
const examineLimit = 15 * time.Second

// Examine looks at a bucket by the very calls with which a Room serves artifacts from it, so that what it finds is what
// users will meet: it lists, and unless MLflow does that part (settingsOnly), it writes, reads and removes an object of its
// own. It also looks at two of the bucket's settings. Nothing else in the bucket is touched.
func Examine(ctx context.Context, o Options, settingsOnly bool) Examination {
	return examine(ctx, o, settingsOnly, examineLimit)
}

func examine(ctx context.Context, o Options, settingsOnly bool, limit time.Duration) Examination {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	e := &examination{limit: limit, bucket: o.Service.S3}
	o.observe = e.observe
	store, err := newS3Store(ctx, o)
	if err != nil { // of files that are no files of settings, or a profile that is not in them
		e.tell("bucket", "fail", why(err), "correct the AWS settings: AWS_PROFILE, AWS_CONFIG_FILE and the files they name")
		return e.Examination
	}
	defer store.close()
	e.store = store
	if settingsOnly || e.tryObject(ctx) {
		e.lookAtVersioning(ctx)
		e.lookAtPublicAccess(ctx)
	}
	return e.Examination
}

// examination is one that is going on.
type examination struct {
	Examination
	store   *s3Store
	bucket  config.Bucket
	limit   time.Duration
	version string // that the store gave to what was written; empty where it keeps none
	silent  bool   // it has not answered: no use in asking on
}

func (e *examination) tell(check, state, text, fix string) {
	e.Findings = append(e.Findings, Finding{check, state, text, fix})
}

// observe sees every answer of the store.
func (e *examination) observe(r *http.Request, answer *http.Response) {
	// A refusal, too, says when it was made: above all one of a request that seems too old.
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil {
		e.Ahead, e.Dated = time.Since(date), true
	}
	if r.Method == http.MethodPut {
		e.version = answer.Header.Get("X-Amz-Version-Id")
	}
}

// ask puts one question to the store and tells how that went.
func (e *examination) ask(ctx context.Context, check, action string, question func(context.Context) error) error {
	err := e.within(ctx, question)
	if err != nil {
		e.tell(check, "fail", why(err), e.remedy(err, action))
	} else {
		e.tell(check, "ok", "", "")
	}
	return err
}

// within gives the store the time that it has for one question.
func (e *examination) within(ctx context.Context, question func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.limit)
	defer cancel()
	err := question(ctx)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = noAnswer{e.limit}
	}
	e.silent = e.silent || err != nil && !answered(err)
	return err
}

// tryObject lists, writes, reads and removes. It says whether there is a store that answers, and a bucket.
func (e *examination) tryObject(ctx context.Context) bool {
	name := ".mlflow-server-probe-" + strings.ToLower(rand.Text())
	key, content := e.store.key(name), []byte("probe")
	unlisted := e.ask(ctx, "bucket: list", "ListBucket", func(ctx context.Context) error {
		_, err := e.store.list(ctx, name)
		return err
	})
	if unlisted != nil && !denied(unlisted) { // a user who may not list may still write; without a bucket there is nothing more to say
		return false
	}
	err := e.ask(ctx, "bucket: put", "PutObject", func(ctx context.Context) error {
		b := &body{size: int64(len(content)), ctx: ctx, from: bytes.NewReader(content), control: http.NewResponseController(&kept{}),
			allow: func(int64) error { return nil }, stalled: stalled}
		return e.store.put(ctx, "", name, b)
	})
	if e.silent {
		e.left(key+" may have been stored all the same", "delete it when the bucket answers again")
	}
	if err != nil {
		return !e.silent
	}
	_ = e.ask(ctx, "bucket: get", "GetObject", func(ctx context.Context) error { return e.readBack(ctx, name, content) })
	if e.silent {
		e.left(key+" is left in the bucket", "delete it when the bucket answers again")
		return false
	}
	e.remove(ctx, name, key, unlisted != nil)
	return !e.silent
}

const deleteCheck = "bucket: delete"

func (e *examination) left(text, fix string) { e.tell(deleteCheck, "warn", "not tried: "+text, fix) }

// remove removes the object as the server does, which lists before it deletes. Where that fails the object is deleted by
// its name, so that nothing is left.
func (e *examination) remove(ctx context.Context, name, key string, unlisted bool) {
	err := e.within(ctx, func(ctx context.Context) error { return e.store.remove(ctx, name) })
	if err == nil {
		e.forget(ctx, key)
		return
	}
	text, action := why(err), "DeleteObject"
	if unlisted {
		action = "ListBucket and s3:DeleteObject"
	}
	switch {
	case e.silent || e.within(ctx, func(ctx context.Context) error {
		_, err := e.store.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &e.bucket.Name, Key: &key, ExpectedBucketOwner: e.store.owner})
		return err
	}) != nil:
		text = key + " is left in the bucket: " + text
	case e.version != "" && e.removeVersions(ctx, key) != nil:
		text = "a version of " + key + " is left in the bucket: " + text
	}
	e.tell(deleteCheck, "fail", text, e.remedy(err, action))
}

// readBack reads an object as a download does and compares it.
func (e *examination) readBack(ctx context.Context, name string, want []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/", nil)
	if err != nil {
		return err
	}
	got := &kept{}
	if err := e.store.serve(got, r, name); err != nil {
		return err
	}
	if !bytes.Equal(got.Bytes(), want) {
		return later(nil, "what is read (%d bytes) is not what was written (%d bytes)", got.Len(), len(want))
	}
	return nil
}

// forget removes what a bucket with versions keeps of an object that was deleted: its version and the mark of the
// deletion. The server itself never does that, and its keys need not be allowed to.
func (e *examination) forget(ctx context.Context, key string) {
	if e.version == "" {
		e.tell(deleteCheck, "ok", "", "")
		return
	}
	if err := e.removeVersions(ctx, key); err != nil {
		e.tell(deleteCheck, "ok", "the bucket keeps versions: one of "+key+" is left ("+why(err)+")",
			"have a lifecycle rule expire old versions, as terraform/ does")
		return
	}
	e.tell(deleteCheck, "ok", "", "")
}

func (e *examination) removeVersions(ctx context.Context, key string) error {
	return e.within(ctx, func(ctx context.Context) error {
		versions := []string{e.version}
		_, err := e.store.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &e.bucket.Name, Key: &key, ExpectedBucketOwner: e.store.owner})
		var missing *awshttp.ResponseError
		if errors.As(err, &missing) && missing.HTTPResponse().Header.Get("X-Amz-Delete-Marker") == "true" {
			versions = append(versions, missing.HTTPResponse().Header.Get("X-Amz-Version-Id"))
		}
		for _, version := range versions {
			_, err := e.store.client.DeleteObject(ctx, &s3.DeleteObjectInput{
				Bucket: &e.bucket.Name, Key: &key, VersionId: aws.String(version), ExpectedBucketOwner: e.store.owner})
			if err != nil {
				return err
			}
		}
		if len(versions) == 1 {
			return errors.New("the mark of its deletion cannot be found")
		}
		return nil
	})
}

// kept is an answer that nobody waits for.
type kept struct {
	bytes.Buffer
	header http.Header
}

func (k *kept) Header() http.Header {
	if k.header == nil {
		k.header = http.Header{}
	}
	return k.header
}

func (k *kept) WriteHeader(int) {}
