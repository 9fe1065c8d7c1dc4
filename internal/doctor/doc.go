// Package doctor looks at everything a server needs and says what to do about what is wrong.
package doctor
