// Package login has only tests: who is let in, who is not, and that nothing of those who are not reaches MLflow.
package login
