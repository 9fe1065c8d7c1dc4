// Package tour does in a browser what people do with MLflow, on a server as on Heroku: behind a front that ends TLS, under
// a name that is not this machine's.
package tour
