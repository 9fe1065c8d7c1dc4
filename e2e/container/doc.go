// Package container does what the Dockerfile says without a container engine: its instructions run in directories that
// stand for the images, as mount namespaces show them, and what comes out runs as PID 1 of a namespace of its own, not as
// root, on a root file system that nothing can write to.
//
// Heroku's images are stood in for by this machine's own /usr, without /usr/local and without a Python; the hosts of Go, uv
// and Python by a local server.
package container
