package gate

import (
	"net/http"
	"slices"
)

// refuseClosedRoutes keeps requests from the parts of MLflow that are closed by default and were not opened.
func refuseClosedRoutes(open []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		to := about(r).to
		if to.closed == "" || slices.Contains(open, to.closed) {
			next.ServeHTTP(w, r)
			return
		}
		f := refusal{
			status: http.StatusForbidden, code: "PERMISSION_DENIED",
			title: "This part of MLflow is switched off",
			text:  "The operator of this server can switch it on: MLFLOW_OPEN_ROUTES=" + to.closed + ".",
		}
		if to.closed == unknownRoutes {
			f.status, f.code, f.title = http.StatusNotFound, "ENDPOINT_NOT_FOUND", "There is no such page"
			f.text = "MLflow has no such route, as far as this server knows. (MLFLOW_OPEN_ROUTES=unknown lets all of them through.)"
		}
		refuse(w, r, f)
	})
}
