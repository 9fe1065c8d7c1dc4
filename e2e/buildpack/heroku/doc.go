// Package heroku does what Heroku does with an app, on this machine: it copies what is pushed without its .git, runs the
// scripts of a buildpack in an environment like that of a build dyno, and starts the slug at /app like a dyno.
//
// The hosts of Go, uv and uv's Python are stood in for by a local server with archives of this machine's own, pinned in
// the copy (see Downloads). Python packages come from the real index.
package heroku
