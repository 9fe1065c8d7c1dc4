// Package fasttrack answers the calls of a training loop in MLflow's place, straight from PostgreSQL.
//
// One rule makes that safe: only the plain, valid, ordinary call is answered here. A request is parsed strictly, its
// work is one transaction, and whatever is unusual about either hands the request, byte for byte as it came, to MLflow,
// which stays the authority for every error and every rare case. It may do the same work again: each call but
// runs/create writes the same rows however often it is repeated.
//
// The room is on only for the schema of the database, and the version of MLflow, that it was proven against; see
// proven.txt and docs/native-tracking.md. Each call is one file.
package fasttrack
