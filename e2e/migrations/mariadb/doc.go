// Package mariadb upgrades real databases of an older MLflow on MariaDB, which cannot take a change of a table back.
package mariadb
