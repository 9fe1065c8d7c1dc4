// Package buildpack is what happens when Heroku builds an app with this repository as its buildpack: detect, compile,
// release and report, after https://devcenter.heroku.com/articles/buildpack-api. Compile, in compile.go, is the build
// from top to bottom.
//
// The scripts in bin/ are what Heroku runs. They find or fetch Go (toolchain.sh, pinned in toolchain.txt), build
// cmd/buildpack and hand over to it. What is installed, and its pins, is the business of internal/provision.
package buildpack
