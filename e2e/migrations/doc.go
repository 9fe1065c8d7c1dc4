// Package migrations upgrades real databases of an older MLflow on PostgreSQL and SQLite, several processes at a time.
package migrations
