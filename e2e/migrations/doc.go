// Package migrations upgrades real databases of an older MLflow, several processes at a time. testdata has what MLflow
// 2.9.2 made (make.py), as SQL.
package migrations
