// Package metrics counts what the server does and tells it in Prometheus' text format.
package metrics
