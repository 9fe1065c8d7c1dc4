// Package upgrade upgrades real databases of an older MLflow, for tests. testdata has what MLflow 2.9.2 made (make.py), as SQL.
package upgrade
