// Package refusals holds every way in which the server says no: the page that a person sees, and the exception that MLflow's
// Python client raises.
package refusals
