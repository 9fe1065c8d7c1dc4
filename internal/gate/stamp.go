package gate

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"
)

// maxStamped bounds the body of runs/create, in bytes: a run has at most 100 tags of 8 kB when it is created.
const maxStamped = 2 << 20

// stampUser makes the signed-in user the author of every run that is created. MLflow's client sends the name of the
// account that it runs under on its own machine, and MLflow believes it.
func stampUser(on bool, next http.Handler) http.Handler {
	if !on {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := about(r)
		if r.Method != http.MethodPost || a.to.name != "runs" || a.to.rest != "create" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStamped))
		var tooLong *http.MaxBytesError
		if err != nil && !errors.As(err, &tooLong) {
			refuseBroken(w, r, err)
			return
		}
		if err == nil {
			body, err = stamp(body, a.user)
		}
		if err != nil {
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "INVALID_PARAMETER_VALUE", title: "Bad request",
				text: "The run to create could not be read: " + err.Error() + ".",
			})
			return
		}
		stamped := withBody(r, body)
		stamped.Header.Set("Content-Type", "application/json")
		next.ServeHTTP(w, stamped)
	})
}

var errNotAnObject = errors.New("it is not a JSON object")

// stamp sets the author in the two places that MLflow looks at, and leaves the rest as it is. What MLflow would read as
// another spelling of them goes.
func stamp(body []byte, user string) ([]byte, error) {
	var run map[string]json.RawMessage
	if !utf8.Valid(body) || json.Unmarshal(body, &run) != nil || run == nil {
		return nil, errNotAnObject
	}
	var tags []map[string]json.RawMessage
	if len(run["tags"]) > 0 {
		if err := json.Unmarshal(run["tags"], &tags); err != nil {
			return nil, errors.New("its tags are not a list of objects")
		}
	}
	kept := make([]map[string]json.RawMessage, 0, len(tags)+1)
	for _, tag := range tags {
		var key string
		if json.Unmarshal(tag["key"], &key) == nil && key == "mlflow.user" {
			continue
		}
		kept = append(kept, tag)
	}
	name, err := json.Marshal(user)
	if err != nil {
		return nil, err
	}
	kept = append(kept, map[string]json.RawMessage{"key": json.RawMessage(`"mlflow.user"`), "value": name})
	if run["tags"], err = json.Marshal(kept); err != nil {
		return nil, err
	}
	delete(run, "userId") // protobuf's own spelling of user_id, which its JSON reader takes too
	run["user_id"] = name
	return json.Marshal(run)
}
