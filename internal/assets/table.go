package assets

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// table has the files that can be served, by path.
type table map[string]*asset

// asset is one file in its forms.
type asset struct {
	path      string // of the file itself
	contents  string // content type
	immutable bool
	forms     map[string]*form // by encoding; "" is the file as it is
}

// form is a file as it is sent in one encoding: in a file, or in memory, made on first need.
type form struct {
	path, etag string
	make       func() (made, error)
}

// made is a form in memory.
type made struct {
	data []byte
	etag string
}

// load reads the list of the files in source, and of their compressed forms in compressed. Of a file that the latter does
// not know, forms are made in memory on first need, quickly: so it is in a runtime that was made without them.
func load(source, compressed string) (table, error) {
	files, err := list(source)
	if err != nil {
		return nil, err
	}
	known, _ := readIndex(compressed) // none is as good as a damaged one
	t := table{}
	for _, f := range files {
		a := &asset{
			path: filepath.Join(source, filepath.FromSlash(f.name)), contents: typeOf(f.name),
			immutable: hashed.MatchString(f.name), forms: map[string]*form{},
		}
		if e, ok := known.Files[f.name]; ok && a.is(e, f.size) {
			a.forms[""] = &form{path: a.path, etag: `"` + e.Sum + `"`}
			for _, how := range encodings {
				if e.Encoded[how.name] > 0 {
					a.forms[how.name] = &form{path: filepath.Join(compressed, e.Sum+how.suffix), etag: `"` + e.Sum + "-" + how.name + `"`}
				}
			}
		} else {
			a.makeForms(compressible(f.name, f.size))
		}
		t[f.name] = a
	}
	return t, nil
}

// is says whether the file is still the one of the entry. A name with a hash in it answers for the content; of the few
// other files, 35 kB of MLflow's, the content is read: one of the same length may have come in its place.
func (a *asset) is(e entry, size int64) bool {
	if e.Size != size || a.immutable {
		return e.Size == size
	}
	text, err := os.ReadFile(a.path)
	return err == nil && sumOf(text) == e.Sum
}

// makeForms lets every form be made from the file when it is asked for. What is compressed stays in memory: 14 MB for
// all files of MLflow's user interface in both encodings.
func (a *asset) makeForms(compress bool) {
	a.forms[""] = &form{make: func() (made, error) {
		text, err := os.ReadFile(a.path)
		return made{text, `"` + sumOf(text) + `"`}, err
	}}
	if !compress {
		return
	}
	for _, how := range encodings {
		a.forms[how.name] = &form{make: sync.OnceValues(func() (made, error) {
			text, err := os.ReadFile(a.path)
			if err != nil {
				return made{}, err
			}
			small, err := how.encode(text, true)
			return made{small, `"` + sumOf(text) + "-quick-" + how.name + `"`}, err
		})}
	}
}

// open returns the form's content, its size and its tag.
func (f *form) open() (content io.ReadSeeker, size int64, etag string, closeIt func(), err error) {
	if f.path == "" {
		m, err := f.make()
		return bytes.NewReader(m.data), int64(len(m.data)), m.etag, func() {}, err
	}
	file, err := os.Open(f.path)
	if err != nil {
		return nil, 0, "", nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, "", nil, err
	}
	return file, info.Size(), f.etag, func() { file.Close() }, nil
}
