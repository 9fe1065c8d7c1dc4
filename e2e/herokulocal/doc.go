// Package herokulocal runs "heroku local" with the real command of Heroku.
package herokulocal
