// Package tracking has the end-to-end tests of internal/tracking: the real MLflow as a supervised child.
package tracking
