package gate

import "net/http"

// refuseCrossOrigin keeps other web sites from changing anything with a user's login: state-changing requests that a
// browser sends on behalf of another origin are refused, and GraphQL ones in any form. Clients that are no browsers send
// neither Origin nor Sec-Fetch-Site and are not affected. It stands in for MLflow's own check, which knows only
// localhost and would refuse its own UI under any other name.
func refuseCrossOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		checked := r
		if r.URL.Path == "/graphql" && r.Method != http.MethodPost {
			copied := *r
			copied.Method = http.MethodPost
			checked = &copied
		}
		if err := protection.Check(checked); err != nil {
			about(r).foreign = true
			refuse(w, r, refusal{
				status: http.StatusForbidden, code: "PERMISSION_DENIED",
				title: "Cross-origin request refused", text: "Requests that change something must come from this server's own pages.",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}
