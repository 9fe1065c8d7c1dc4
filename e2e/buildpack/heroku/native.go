package heroku

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Native is a package that the index of a test has and no other: there is no wheel of it, so that it is compiled, and it
// needs one of the packages that MLflow asks for and a server does without.
const Native = "greeting-in-c"

var nativeSource = map[string]string{
	"PKG-INFO":       "Metadata-Version: 2.1\nName: greeting-in-c\nVersion: 1.0\n",
	"pyproject.toml": "[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
	"setup.py": `from setuptools import Extension, setup
setup(name="greeting-in-c", version="1.0", install_requires=["waitress"], ext_modules=[Extension("greeting_in_c", ["greeting.c"])])
`,
	"greeting.c": `#include <Python.h>
static PyObject *greet(PyObject *self, PyObject *args) { return PyUnicode_FromString("hello from C"); }
static PyMethodDef methods[] = {{"greet", greet, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "greeting_in_c", "", -1, methods};
PyMODINIT_FUNC PyInit_greeting_in_c(void) { return PyModule_Create(&module); }
`,
}

// serveNative answers for the package, in an index whose pages begin with prefix. It returns false for all else.
func serveNative(t testing.TB, prefix string) func(http.ResponseWriter, *http.Request) bool {
	t.Helper()
	const file = "greeting_in_c-1.0.tar.gz"
	var sdist bytes.Buffer
	zip := gzip.NewWriter(&sdist)
	pack := tar.NewWriter(zip)
	for name, text := range nativeSource {
		header := &tar.Header{Name: "greeting_in_c-1.0/" + name, Mode: 0o644, Size: int64(len(text))}
		if err := pack.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		_, _ = pack.Write([]byte(text))
	}
	if err := errors.Join(pack.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) bool {
		switch strings.TrimPrefix(r.URL.Path, prefix+"/"+Native+"/") {
		case "":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<!DOCTYPE html><a href=%q>%s</a>", file, file)
		case file:
			_, _ = w.Write(sdist.Bytes())
		default:
			return false
		}
		return true
	}
}
