// Package doctor lets mlflow-server doctor look at real databases and buckets, well and ill.
package doctor
