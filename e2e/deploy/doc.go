// Package deploy looks at the files that deployments begin with: app.json, heroku.yml, Dockerfile, compose.yaml.
package deploy
