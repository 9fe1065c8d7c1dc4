// Package cloud runs the real terraform with the real aws provider against moto, a fake of AWS on this machine.
package cloud
