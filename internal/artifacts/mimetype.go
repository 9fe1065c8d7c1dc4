package artifacts

import (
	"bufio"
	_ "embed"
	"io"
	"os"
	"strings"
	"sync"
)

// What MLflow shows as text whatever Python says (mlflow/utils/mime_type_utils.py), by extension or whole name.
var textExtensions = set("txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml",
	"yaml", "yml", "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb", "MLmodel", "MLproject")

// downloadType is the Content-Type of a download: MLflow's _guess_mime_type.
func downloadType(name string) string {
	_, extension := splitExtension(name)
	extension = strings.ReplaceAll(extension, ".", "")
	if extension == "" {
		extension = name
	}
	if textExtensions[extension] {
		return "text/plain"
	}
	if mime, _ := guessType(name); mime != "" {
		return mime
	}
	return "application/octet-stream"
}

//go:embed mimetypes.txt
var pythonTypes string

// knownFiles are the system's tables, which complete Python's own (mimetypes.knownfiles). A later one wins.
var knownFiles = []string{
	"/etc/mime.types", "/etc/httpd/mime.types", "/etc/httpd/conf/mime.types", "/etc/apache/mime.types",
	"/etc/apache2/mime.types", "/usr/local/etc/httpd/conf/mime.types", "/usr/local/lib/netscape/mime.types",
	"/usr/local/etc/httpd/conf/mime.types", "/usr/local/etc/mime.types",
}

type typeTables struct{ types, encodings, suffixes map[string]string }

var tables = sync.OnceValue(func() typeTables {
	t := typeTables{types: map[string]string{}, encodings: map[string]string{}, suffixes: map[string]string{}}
	byKind := map[string]map[string]string{"type": t.types, "encoding": t.encodings, "suffix": t.suffixes}
	for line := range strings.Lines(pythonTypes) {
		f := strings.Fields(line)
		byKind[f[0]][f[1]] = f[2]
	}
	for _, name := range knownFiles {
		if file, err := os.Open(name); err == nil {
			t.read(file)
			_ = file.Close()
		}
	}
	return t
})

// read takes lines of a type followed by its extensions; a word that begins with # ends a line.
func (t typeTables) read(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		words := strings.Fields(lines.Text())
		for i, word := range words {
			if strings.HasPrefix(word, "#") {
				words = words[:i]
				break
			}
		}
		for _, extension := range words[min(1, len(words)):] {
			t.types["."+extension] = words[0]
		}
	}
}

// guessType is Python's mimetypes.guess_type for a file name; each is empty where it is unknown. MLflow stores both with
// an object on S3.
func guessType(name string) (mime, encoding string) {
	if u := splitURL(name); len(u.scheme) > 1 {
		if u.scheme == "data" {
			return "", "" // Python would look into the data
		}
		name = u.path
	}
	t := tables()
	base, extension := splitExtension(name)
	for t.suffixes[strings.ToLower(extension)] != "" {
		base, extension = splitExtension(base + t.suffixes[strings.ToLower(extension)])
	}
	if encoding = t.encodings[extension]; encoding != "" {
		_, extension = splitExtension(base)
	}
	return t.types[strings.ToLower(extension)], encoding
}

// splitExtension is Python's posixpath.splitext: dots at the beginning of a name begin no extension.
func splitExtension(name string) (base, extension string) {
	file := strings.LastIndexByte(name, '/') + 1
	dot := strings.LastIndexByte(name, '.')
	if dot < file || strings.Trim(name[file:dot], ".") == "" {
		return name, ""
	}
	return name[:dot], name[dot:]
}
