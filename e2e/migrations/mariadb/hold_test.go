package mariadb

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"
	"time"

	"mlflow-server/e2e/harness"
)

// holdMySQL holds the lock of a database as another connection would, until the test ends.
func holdMySQL(t *testing.T, d harness.Database) {
	t.Helper()
	// The name of internal/tracking/mlflow_serve/locks.py.
	name := fmt.Sprintf("mlflow-server schema %.32x", sha256.Sum256([]byte(d.Name)))[:len("mlflow-server schema ")+32]
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var holder sync.WaitGroup
	holder.Go(func() { _, _ = harness.QueryMySQL(ctx, d, "SELECT GET_LOCK('"+name+"', 0); SELECT SLEEP(600)") })
	t.Cleanup(func() { cancel(); holder.Wait() })
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		free, err := harness.QueryMySQL(t.Context(), d, "SELECT IS_FREE_LOCK('"+name+"')")
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the lock was not taken: %v", err)
		}
		if free == "0" {
			return
		}
	}
}

// holdTable keeps a table from being changed, as a transaction that has read it does, until the test ends or calls what it returns.
func holdTable(t *testing.T, d harness.Database, table string) (release func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var holder sync.WaitGroup
	holder.Go(func() {
		_, _ = harness.QueryMySQL(ctx, d, "USE `"+d.Name+"`; START TRANSACTION; SELECT count(*) FROM "+table+"; SELECT SLEEP(600)")
	})
	release = func() {
		cancel()
		holder.Wait()
		// The server lets a killed client's statement run on.
		_, _ = harness.QueryMySQL(context.WithoutCancel(t.Context()), d, "SELECT id INTO @sleeping FROM information_schema.processlist WHERE db = '"+
			d.Name+"' AND state = 'User sleep'; KILL @sleeping")
	}
	t.Cleanup(release)
	for deadline := time.Now().Add(3 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		sleeping, err := harness.QueryMySQL(t.Context(), d, "SELECT count(*) FROM information_schema.processlist WHERE db = '"+d.Name+"' AND state = 'User sleep'")
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the table was not read: %v", err)
		}
		if sleeping == "1" {
			return release
		}
	}
}
