package front

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Nginx starts nginx before the upstreams.
func Nginx(o Options) (*Front, error) {
	location := `proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;`
	if o.Users != "" {
		location = "auth_basic x; auth_basic_user_file " + o.Users + "; " + location
	}
	return nginx(o, location, "access_log "+o.file("access")+";")
}

// Null starts nginx that answers two bytes itself and logs nothing: the cheapest upstream.
func Null(o Options) (*Front, error) { return nginx(o, "return 200 OK;", "access_log off;") }

func nginx(o Options, location, log string) (*Front, error) {
	program, err := exec.LookPath("nginx")
	if errors.Is(err, exec.ErrNotFound) {
		return nil, Missing{"nginx"}
	}
	if err != nil {
		return nil, err
	}
	return start(o, program, func(address string) ([]string, error) {
		upstream := ""
		if len(o.Upstreams) > 0 {
			upstream = "upstream u { keepalive 64;"
			for _, u := range o.Upstreams {
				upstream += " server " + unix(u, "unix:") + ";"
			}
			upstream += " }"
		}
		user := ""
		if os.Geteuid() == 0 {
			user = "user root;" // its workers have to read what belongs to this user only
		}
		conf := fmt.Sprintf(`daemon off; worker_processes auto; pid %[2]s; error_log stderr; %[7]s
events { worker_connections 1024; }
http { %[3]s keepalive_requests 100000000; client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
%[4]s
server { listen %[5]s; location / { %[6]s } } }
`, o.Dir, o.file("pid"), log, upstream, address, location, user)
		file := o.file("conf")
		return []string{"-c", file, "-p", o.Dir}, os.WriteFile(file, []byte(conf), 0o600)
	})
}

// unix marks an upstream that is a socket's path.
func unix(upstream, mark string) string {
	if strings.HasPrefix(upstream, "/") {
		return mark + upstream
	}
	return upstream
}
