package artifacts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"mlflow-server/internal/gate"
)

// unsupported is MLflow's answer where a store has no URLs of its own; its client then goes through the server.
func unsupported(what string) *failure {
	return &failure{status: http.StatusNotImplemented, code: "NOT_IMPLEMENTED",
		message: what + " is not supported for the current artifact repository"}
}

// answerDirect serves the requests with which clients go to the store by themselves.
func (room *Room) answerDirect(w http.ResponseWriter, r *http.Request, route route, name string) (outcome, error) {
	store := room.store.(direct) // Serves has seen to it
	if route.action == presign {
		return outcome{path: name}, room.presign(w, r, store, name)
	}
	request, ok := readMultipart(r)
	if !ok && route.action != multipartAbort && (!room.offers || room.limits.any()) {
		// MLflow would find its own meaning in it, and know of no limit.
		return outcome{path: name}, invalid("The request could not be read as one of MLflow's client.")
	}
	if !ok {
		// Not what a client sends: MLflow says best what is wrong with it.
		w.Header().Del("Vary") // MLflow's answer has its own
		gate.Fallback(w, r)
		return outcome{path: name}, nil
	}
	name = joinPath(name, lastSegment(request.Path))
	done := outcome{path: name}
	if clean, err := cleanPath(name); err != nil || clean != name || lastSegment(name) == "" {
		return done, invalid("Invalid path")
	}
	switch route.action {
	case multipartCreate:
		return done, room.create(w, r, store, name, int(request.NumParts))
	case multipartComplete:
		size, err := room.complete(r, store, name, request)
		done.bytes = size
		if err != nil {
			return done, err
		}
	case multipartAbort:
		if err := store.abortUpload(r.Context(), name, request.UploadID); err != nil {
			return done, gone(err)
		}
	}
	writeJSON(w, r, http.StatusOK, "{}")
	return done, nil
}

// gone says of an upload that is not there what S3 says.
func gone(err error) error {
	if errors.Is(err, errMissing) {
		return notFound("The specified multipart upload does not exist.")
	}
	return err
}

func (room *Room) presign(w http.ResponseWriter, r *http.Request, store direct, name string) error {
	if !room.offers {
		return unsupported("Multipart download")
	}
	url, size, err := store.presignGet(r.Context(), name)
	if errors.Is(err, errMissing) {
		return notFound("Not Found")
	}
	if err != nil {
		return err
	}
	writeJSON(w, r, http.StatusOK, `{"url": `+jsonString(url, true)+`, "headers": {}, "file_size": `+strconv.FormatInt(size, 10)+"}")
	return nil
}

func (room *Room) create(w http.ResponseWriter, r *http.Request, store direct, name string, parts int) error {
	if !room.offers {
		return unsupported("Multipart upload")
	}
	if parts < 0 || parts > mostParts {
		return invalid("num_parts must be from 1 to %d", mostParts)
	}
	if err := room.limits.mayUpload(gate.User(r), 1); err != nil { // how much it will be is not known yet
		return err
	}
	id, urls, err := store.createUpload(r.Context(), name, parts)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("{\n  \"upload_id\": " + jsonString(id, true))
	for i, url := range urls {
		if i == 0 {
			b.WriteString(",\n  \"credentials\": [")
		} else {
			b.WriteByte(',')
		}
		b.WriteString("\n    {\n      \"url\": " + jsonString(url, true) + ",\n      \"part_number\": " + strconv.Itoa(i+1) + "\n    }")
	}
	if len(urls) > 0 {
		b.WriteString("\n  ]")
	}
	b.WriteString("\n}")
	writeJSON(w, r, http.StatusOK, b.String())
	return nil
}

func (room *Room) complete(r *http.Request, store direct, name string, request multipartRequest) (int64, error) {
	parts := make([]uploadedPart, 0, len(request.Parts))
	for _, p := range request.Parts {
		parts = append(parts, uploadedPart{number: int32(p.Number), etag: p.ETag})
	}
	counted := room.limits.counter(gate.User(r))
	size, err := store.completeUpload(r.Context(), name, request.UploadID, parts, counted.add)
	if err != nil {
		counted.giveBack()
	}
	return size, gone(err)
}

// multipartRequest is the body of mpu/create, mpu/complete and mpu/abort.
type multipartRequest struct {
	Path     string `json:"path"`
	NumParts int64  `json:"num_parts"`
	UploadID string `json:"upload_id"`
	Parts    []struct {
		Number int64  `json:"part_number"`
		ETag   string `json:"etag"`
		URL    string `json:"url"`
	} `json:"parts"`
}

// maxMultipartRequest is enough for 10,000 parts, of which a client sends back the URLs.
const maxMultipartRequest = 16 << 20

// readMultipart reads a request as clients send it; fields that are not known are none, as with MLflow. Of any other request,
// the body is there again for MLflow.
func readMultipart(r *http.Request) (request multipartRequest, ok bool) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxMultipartRequest))
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), rest), rest}
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return request, false
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if decoder.Decode(&request) != nil || decoder.More() || request.Path == "" {
		return request, false
	}
	switch action := parse(r).action; {
	case action == multipartComplete && (request.UploadID == "" || len(request.Parts) == 0):
		return request, false
	case action == multipartAbort && request.UploadID == "":
		return request, false
	}
	for _, p := range request.Parts {
		if p.Number < 1 || p.Number > mostParts {
			return request, false
		}
	}
	return request, true
}
