package assets

import (
	"mime"
	"path"
	"regexp"
)

// hashed is a name with a hash of the content in it, as webpack makes them: main.c2f5f8d4.js. What has such a name never
// changes under it.
var hashed = regexp.MustCompile(`\.[0-9a-f]{8,32}\.`)

// types are the content types by extension. The machine's own table (mime.types) is not asked: it differs from one
// machine to the next, and browsers run no script of a wrong type.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
	".cjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".txt": "text/plain; charset=utf-8",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".eot": "application/vnd.ms-fontobject",
	".wasm": "application/wasm", ".map": "application/json",
}

func typeOf(name string) string {
	extension := path.Ext(name)
	if t := types[extension]; t != "" {
		return t
	}
	if t := mime.TypeByExtension(extension); t != "" {
		return t
	}
	return "application/octet-stream"
}

// worthwhile are the extensions of what gets smaller and is asked for by browsers: source maps and licences are not.
var worthwhile = map[string]bool{
	".html": true, ".js": true, ".mjs": true, ".cjs": true, ".css": true, ".json": true, ".svg": true, ".ico": true,
	".ttf": true, ".eot": true, ".wasm": true,
}

// smallest is the size from which compression pays, in bytes: below, the answer fits into one packet as it is.
const smallest = 1 << 10

func compressible(name string, size int64) bool {
	return size >= smallest && worthwhile[path.Ext(name)]
}
