package buildpack

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// pack writes the directories, files and links below dir as an uncompressed tar: Heroku compresses its cache itself.
// Times and owners are left out.
func pack(ctx context.Context, to io.Writer, dir string) error {
	buffer := bufio.NewWriterSize(to, 1<<20)
	archive := tar.NewWriter(buffer)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		header := &tar.Header{Name: filepath.ToSlash(name), Mode: int64(info.Mode().Perm()), ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
		switch {
		case d.IsDir():
			header.Typeflag = tar.TypeDir
			return archive.WriteHeader(header)
		case d.Type() == fs.ModeSymlink:
			header.Typeflag = tar.TypeSymlink
			if header.Linkname, err = os.Readlink(path); err != nil {
				return err
			}
			return archive.WriteHeader(header)
		case d.Type().IsRegular():
			header.Typeflag, header.Size = tar.TypeReg, info.Size()
			if err := archive.WriteHeader(header); err != nil {
				return err
			}
			return copyFrom(archive, path)
		}
		return fmt.Errorf("%s is neither a file nor a directory nor a link", path)
	})
	return errors.Join(err, archive.Close(), buffer.Flush())
}

func copyFrom(to io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(to, file)
	return err
}

// unpack is pack's reverse, into a new directory. The archive is one that pack wrote and whose checksum was right; a name
// that leads outside is refused all the same, by os.Root.
func unpack(ctx context.Context, from io.Reader, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	archive := tar.NewReader(bufio.NewReaderSize(from, 1<<20))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		name, mode := filepath.FromSlash(header.Name), fs.FileMode(header.Mode).Perm()
		switch header.Typeflag {
		case tar.TypeDir:
			err = root.Mkdir(name, mode)
		case tar.TypeSymlink:
			err = root.Symlink(header.Linkname, name)
		case tar.TypeReg:
			err = extract(root, name, mode, archive)
		default:
			err = fmt.Errorf("%s is of an unknown type", name)
		}
		if err != nil {
			return err
		}
	}
}

func extract(root *os.Root, name string, mode fs.FileMode, from io.Reader) error {
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	return errors.Join(err, file.Close())
}
