// Package heroku has only tests: the bucket and the user for a Heroku app, made for real, and used by the product.
package heroku
