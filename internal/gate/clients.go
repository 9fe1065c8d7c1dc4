package gate

import (
	_ "embed"
	"html/template"
	"net/http"
	"net/url"

	"mlflow-server/internal/connect"
)

//go:embed clients.html
var clientsHTML string

var clientsTemplate = template.Must(template.Must(look.Clone()).New("clients").Parse(clientsHTML))

// clientsQuery makes of the sign-in page the one that says what to paste into a client. It is no path of its own: what
// anybody may ask for stays as short as it is.
const clientsQuery = "clients"

// anyUser stands where the reader's own name belongs: nobody has signed in, and no name may be told.
const anyUser = "your-name"

// showClients tells what "mlflow-server client" does, to anybody: of this server it says the address that the reader used.
func (g *gate) showClients(w http.ResponseWriter, r *http.Request, next string) {
	writePage(w, r, http.StatusOK, clientsTemplate, struct {
		Next     string
		Snippets []connect.Snippet
	}{next, connect.Login{URL: Address(r), User: anyUser}.Snippets()})
}

// clientsPath is where showClients answers, with what comes after signing in.
func clientsPath(next string) string {
	return signInPath + "?" + url.Values{clientsQuery: {"1"}, "next": {next}}.Encode()
}
