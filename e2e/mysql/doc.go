// Package mysql has only tests: the product on a real MariaDB.
package mysql
