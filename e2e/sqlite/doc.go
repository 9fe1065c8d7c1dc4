// Package sqlite has only tests: the product on SQLite and a directory, as serve and as local.
package sqlite
