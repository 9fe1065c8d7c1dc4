// Package docs runs what the pages of docs/ have somebody paste, as it stands there, as far as a machine without Heroku, AWS and
// a container engine can.
package docs
