// Package artifacts answers MLflow's artifact routes in MLflow's place: uploads and downloads stream between the client
// and the store, S3 or a directory, in memory that does not grow with their size or number.
//
// MLflow keeps a whole upload in a temporary file before it sends the first byte on, and a whole download before it
// answers. Room takes those requests and gives the same answers (path rules, JSON, headers, errors); docs/artifacts.md
// lists the few that are meant to be better. What Room does not take, or does not know better, goes to MLflow.
package artifacts
