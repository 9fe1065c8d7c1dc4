package gate

import (
	"net/http"
	"strings"
)

// identityHeaders name a user or a hop to some server or framework. None that a client sends may reach MLflow, where
// an authentication plug-in could believe it.
var identityHeaders = map[string]bool{
	"authorization": true, "proxy-authorization": true, "forwarded": true, "via": true, "true-client-ip": true,
	"remote-user": true, "remote-email": true, "remote-groups": true, "remote-name": true, "remote-addr": true,
	"x-remote-user": true, "x-remote-email": true, "x-remote-groups": true, "x-remote-addr": true,
	"x-user": true, "x-user-id": true, "x-user-name": true, "x-username": true, "x-email": true, "x-groups": true,
	"x-webauth-user": true, "x-authenticated-user": true, "x-authenticated-userid": true, "x-access-token": true,
	"x-real-ip": true, "x-client-ip": true, "x-cluster-client-ip": true, "x-original-url": true, "x-rewrite-url": true,
	"x-http-method": true, "x-http-method-override": true, "x-method-override": true, "x-script-name": true,
	"x-original-host": true, "cloudfront-forwarded-proto": true, "cloudfront-viewer-address": true, "x-nginx-proxy": true,
	"x-mlflow-username": true, "x-host": true, "x-mlflow-user": true, "x-ssl-client-cert": true, "x-client-verify": true,
}

// identityPrefixes do the same for whole families.
var identityPrefixes = []string{"x-forwarded-", "x-auth-request-", "x-auth-", "x-ssl-", "x-goog-authenticated-", "x-ms-client-principal", "x-amzn-oidc-", "cf-"}

// dropSession takes the session cookie out of a request: whoever has it is signed in, and MLflow needs no other cookie of
// ours.
func dropSession(h http.Header) {
	lines := h["Cookie"]
	if len(lines) == 0 {
		return
	}
	var kept []string
	for _, line := range lines {
		for part := range strings.SplitSeq(line, ";") {
			part = strings.TrimSpace(part)
			if name, _, _ := strings.Cut(part, "="); part != "" && name != secureCookie && name != plainCookie {
				kept = append(kept, part)
			}
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = []string{strings.Join(kept, "; ")}
}

// dropIdentity removes every header with which a client could claim to be somebody or to come from somewhere, in any
// case and with _ for -: WSGI servers cannot tell X_Forwarded_User from X-Forwarded-User.
func dropIdentity(h http.Header) {
	for name := range h {
		plain := strings.ReplaceAll(strings.ToLower(name), "_", "-")
		if identityHeaders[plain] {
			delete(h, name)
			continue
		}
		for _, prefix := range identityPrefixes {
			if strings.HasPrefix(plain, prefix) {
				delete(h, name)
				break
			}
		}
	}
}
