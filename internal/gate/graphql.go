package gate

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"
)

// Limits of GraphQL, in which a few words can ask for a lot (CVE-2025-0453). The pages of MLflow's user interface ask with
// at most 120 words and a list of runs. MLflow bounds what is asked for at once (ten aliases), but not the text: it
// compares every field of one with every other before it answers, for seconds.
const (
	// maxGraphQLBody bounds a request, in bytes.
	maxGraphQLBody = 128 << 10
	// maxGraphQLWords bounds the query in it, by the tokens of the language.
	maxGraphQLWords = 500
	// graphQLPerUser is how many queries of one user are answered at a time; others wait for their turn, as pages ask for
	// all their charts at once.
	graphQLPerUser = 4
	// graphQLWait is how long they wait.
	graphQLWait = 30 * time.Second
)

// boundGraphQL keeps one user's queries from taking all of MLflow.
func boundGraphQL(next http.Handler) http.Handler {
	turns := newTurns(graphQLPerUser)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := about(r)
		if a.to.family != graphQL {
			next.ServeHTTP(w, r)
			return
		}
		if r.ContentLength != 0 {
			var ok bool
			if r, ok = boundedQuery(w, r); !ok {
				return
			}
		}
		waiting, cancel := context.WithTimeout(r.Context(), graphQLWait)
		defer cancel()
		leave, err := turns.take(waiting, a.user)
		if err != nil {
			refuse(w, r, refusal{
				status: http.StatusTooManyRequests, code: "RESOURCE_EXHAUSTED", title: "Too many queries at a time",
				text: "Too many GraphQL queries of the user " + a.user + " are being answered at this moment.", retryAfter: "1",
			})
			return
		}
		defer leave()
		next.ServeHTTP(w, r)
	})
}

// boundedQuery reads a query and gives the request with its body to be read again. It has answered when it is not ok.
func boundedQuery(w http.ResponseWriter, r *http.Request) (again *http.Request, ok bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxGraphQLBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		refuse(w, r, refusal{
			status: http.StatusRequestEntityTooLarge, code: "INVALID_PARAMETER_VALUE", title: "The query is too long",
			text: "A GraphQL request may have " + strconv.Itoa(maxGraphQLBody) + " bytes.",
		})
	case err != nil:
		refuseBroken(w, r, err)
	default:
		words, readable := wordsAsked(body)
		switch {
		case !readable:
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "INVALID_PARAMETER_VALUE", title: "Bad request",
				text: "A GraphQL request is a JSON object in UTF-8.",
			})
		case words > maxGraphQLWords:
			refuse(w, r, refusal{
				status: http.StatusBadRequest, code: "INVALID_PARAMETER_VALUE", title: "The query asks for too much",
				text: "A GraphQL query may have " + strconv.Itoa(maxGraphQLWords) + " names and signs. This one has more.",
			})
		default:
			return withBody(r, body), true
		}
	}
	return nil, false
}

// wordsAsked counts the query's tokens as MLflow will read it. What Python reads as JSON and Go does not, such as UTF-16,
// is not readable: nobody would have counted it.
func wordsAsked(body []byte) (words int, readable bool) {
	if len(body) == 0 {
		return 0, true
	}
	var asked map[string]json.RawMessage // by exact name, the last of several, as in Python
	if !utf8.Valid(body) || json.Unmarshal(body, &asked) != nil {
		return 0, false
	}
	var query string
	if json.Unmarshal(asked["query"], &query) != nil {
		return 0, true // MLflow says what is wrong with it
	}
	return tokens(query), true
}
