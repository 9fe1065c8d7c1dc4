package gate

import (
	"encoding/json"
	"net/http"
)

// currentUser tells MLflow's UI who is signed in, in the shape of MLflow's own login (mlflow/server/auth), which is not
// there. is_basic_auth would show MLflow's account pages, which need that login: passwords are not changed here.
func currentUser(w http.ResponseWriter, r *http.Request) {
	type user struct {
		ID       string `json:"id"`
		Username string `json:"username"`
		IsAdmin  bool   `json:"is_admin"`
	}
	name := about(r).user
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"is_basic_auth": false, "user": user{ID: name, Username: name}})
}

// currentPermissions tells MLflow's UI what the user may do, in the same shape. Who is not told to be an administrator
// finds nothing to change on the pages where people review traces: there the UI does not even ask the server.
func (g *gate) currentPermissions(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"is_admin": !g.Users.Viewer(about(r).user), "permissions": []string{}})
}
