// Package postgres has only tests: the product on a real PostgreSQL.
package postgres
