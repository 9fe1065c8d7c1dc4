// Package status tells signed-in users how the server is, in JSON.
package status
