// Package console holds what a browser's console shows on this server against what it shows on MLflow alone.
package console
