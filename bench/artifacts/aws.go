package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"mlflow-server/bench/peer"
	"mlflow-server/bench/result"
	"mlflow-server/internal/provision"
)

// asFastAsAWS is what is expected of a transfer's speed beside the aws command's: no more than 1.3 times as long.
const asFastAsAWS = 1 / 1.3

// besideAWS measures transfers from a file and into one, through the gate and straight to the store by the aws command
// with its defaults.
func (b *bench) besideAWS(ctx context.Context) error {
	installed, err := provision.Find("")
	if err != nil {
		return err
	}
	aws, err := peer.InstallAWS(ctx, installed, b.say)
	if err != nil {
		return err
	}
	theirs := "aws s3 cp " + peer.AWSVersion
	for _, c := range []struct {
		size  int64
		times int
	}{{b.scale.Large, b.scale.Larges}, {b.scale.Huge, b.scale.Huges}} {
		if c.size == 0 {
			continue
		}
		title := size(c.size)
		b.say(title + ", beside the aws command")
		from, to := filepath.Join(b.dir, "from"), filepath.Join(b.dir, "to")
		if err := fill(from, c.size); err != nil {
			return err
		}
		var speeds [4][]float64 // up, down; ours, theirs
		for i := range c.times {
			ways := []struct {
				into int
				do   func(name string) error
			}{
				{0, func(name string) error { return b.gate.upFile(ctx, from, name) }},
				{2, func(name string) error { return b.aws(ctx, aws, from, "s3://"+bucket+"/aws/"+name) }},
				{1, func(name string) error { return b.gate.downFile(ctx, name, to) }},
				{3, func(name string) error { return b.aws(ctx, aws, "s3://"+bucket+"/aws/"+name, to) }},
			}
			for _, w := range ways {
				began := time.Now()
				if err := w.do("file-" + title[:1] + strconv.Itoa(i)); err != nil {
					return err
				}
				speeds[w.into] = append(speeds[w.into], rate(c.size, time.Since(began)))
			}
		}
		b.r.Figures = append(b.r.Figures,
			result.Beside("up, "+title+" from a file, beside the aws command", "MB/s", result.Of(ours, speeds[0]...), result.Of(theirs, speeds[2]...)).RatioAtLeast(asFastAsAWS),
			result.Beside("down, "+title+" into a file, beside the aws command", "MB/s", result.Of(ours, speeds[1]...), result.Of(theirs, speeds[3]...)).RatioAtLeast(asFastAsAWS))
	}
	return nil
}

// aws copies with the aws command.
func (b *bench) aws(ctx context.Context, program, from, to string) error {
	cmd := exec.CommandContext(ctx, program, "s3", "cp", "--only-show-errors", "--endpoint-url", b.store.endpoint, from, to)
	cmd.Dir = b.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + b.dir, "LANG=C.UTF-8", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=" + b.store.key, "AWS_SECRET_ACCESS_KEY=" + b.store.secret}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("aws s3 cp: %w\n%s", err, out)
	}
	return nil
}

// fill makes a file of random bytes.
func fill(name string, size int64) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	var nobody atomic.Int64
	_, err = io.Copy(file, &source{size: size, count: &nobody})
	return errors.Join(err, file.Close())
}

func (s server) upFile(ctx context.Context, from, name string) error {
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	r, err := s.request(ctx, http.MethodPut, name, file)
	if err != nil {
		return err
	}
	r.ContentLength = about.Size()
	answer, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("uploading a file: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("uploading a file: %s", answer.Status)
	}
	return nil
}

func (s server) downFile(ctx context.Context, name, to string) error {
	r, err := s.request(ctx, http.MethodGet, name, nil)
	if err != nil {
		return err
	}
	answer, err := s.client.Do(r)
	if err != nil {
		return fmt.Errorf("downloading a file: %w", err)
	}
	defer answer.Body.Close()
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	n, err := io.Copy(file, answer.Body)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if n != answer.ContentLength || answer.StatusCode != http.StatusOK {
		return fmt.Errorf("downloading a file: %s, %d bytes", answer.Status, n)
	}
	return nil
}
