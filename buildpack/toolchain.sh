# Sourced by bin/compile with $build, $cache, $env and $buildpack set; replaces the positional parameters. Finds or
# fetches a Go toolchain, builds cmd/buildpack with it, and sets $go and $program. POSIX sh with curl, tar and sha256sum,
# which every build image has.

tools=$cache/mlflow-server # all that this buildpack keeps between builds
purge='  heroku plugins:install heroku-builds && heroku builds:cache:purge'
scratch=

step() { printf -- '-----> %s\n' "$*"; }
note() { printf '       %s\n' "$*"; }
clean_up() { [ -z "$scratch" ] || rm -rf "$scratch"; }

# fallback is where the report lies when the cache cannot hold it. bin/report looks there first.
fallback=$build/.mlflow-server-report

# fail KEY HEADLINE LINE…: one block on standard error, red where that is wanted, and a report; ends the build.
fail() {
	key=$1 on=$(printf '\033[1;31m') off=$(printf '\033[0m')
	[ -z "${NO_COLOR:-}" ] || { on= off=; }
	shift
	{
		printf '%s !     %s%s\n%s !%s\n' "$on" "$1" "$off" "$on" "$off"
		headline=$1
		shift
		printf '%s\n' "$@" | hide | sed -e 's,://[^/@ ]*@,://[redacted]@,g' -e "s/^/$on !     /" -e "s/ *\$/$off/"
	} >&2
	report=$(printf 'result: failure\nfailure: %s\nreason: %s' "$key" "$headline")
	{ printf '%s\n' "$report" >"$tools/report"; } 2>/dev/null || { printf '%s\n' "$report" >"$fallback"; } 2>/dev/null
	clean_up
	exit 1
}

# hide takes the values of $secrets out of its input: each word of them, and the path of each that is an address, where a
# token may be. What is shorter than 8 characters stays, as in Settings.secrets.
hide() {
	SECRETS=${secrets:-} awk '
		function add(text) { if (length(text) >= 8) found[++n] = text }
		BEGIN {
			count = split(ENVIRON["SECRETS"], words, /[ \t\n,|]+/)
			for (i = 1; i <= count; i++) {
				add(words[i])
				if (sub(/^.*:\/\/[^\/]*/, "", words[i])) { sub(/\/$/, "", words[i]); add(words[i]) }
			}
			for (i = 1; i <= n; i++) # the longest first, so that no rest of one stays behind a part of it
				for (j = i + 1; j <= n; j++)
					if (length(found[j]) > length(found[i])) { text = found[i]; found[i] = found[j]; found[j] = text }
		}
		{
			for (i = 1; i <= n; i++) {
				done = ""
				while ((at = index($0, found[i])) > 0) {
					done = done substr($0, 1, at - 1) "[hidden]"
					$0 = substr($0, at + length(found[i]))
				}
				$0 = done $0
			}
			print
		}'
}

# The settings of the app that concern the network. They are files in ENV_DIR, and most of the others must not be
# exported (https://devcenter.heroku.com/articles/buildpack-api).
secrets=
for name in GOPROXY GOSUMDB GOAUTH GOFLAGS HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy; do
	[ -f "$env/$name" ] || continue
	export "$name=$(cat -- "$env/$name")"
	secrets="$secrets $(cat -- "$env/$name")"
done
for name in GONOPROXY GOPRIVATE GONOSUMDB GOINSECURE GOVCS NO_PROXY no_proxy; do
	[ ! -f "$env/$name" ] || export "$name=$(cat -- "$env/$name")"
done

# Those that name a file. The app is going to lie in /app and is now in BUILD_DIR. One that names nothing would stop curl.
# Settings.environ does the same for uv.
for name in SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE REQUESTS_CA_BUNDLE SSL_CLIENT_CERT NETRC PIP_CERT PIP_CLIENT_CERT \
	PIP_CONFIG_FILE UV_CONFIG_FILE; do
	[ -s "$env/$name" ] || continue
	file=$(cat -- "$env/$name")
	case $file in /app/*) [ ! -e "$build/${file#/app/}" ] || file=$build/${file#/app/} ;; esac
	case $file in *:*) list=yes ;; *) list= ;; esac # SSL_CERT_DIR can name several, which nobody is stopped by
	if [ -n "$list" ] || [ -e "$file" ]; then
		export "$name=$file"
	else
		note "$name is left out: there is no $file"
	fi
done

if ! { mkdir -p "$tools" && true >"$tools/report"; } 2>/dev/null; then
	unwritable=$cache
else
	unwritable=
	for dir in "$tools"/go "$tools"/go-build "$tools"/go-path "$tools"/program; do
		[ ! -e "$dir" ] || { [ -d "$dir" ] && [ -w "$dir" ]; } || unwritable=$dir
	done
fi
[ -z "$unwritable" ] || fail cache "The cache directory cannot be written to." "It is $unwritable." \
	"On Heroku, empty it and push again:" "$purge"
rm -f "$fallback"

case ${STACK:-none} in
heroku-24 | heroku-26 | none) ;;
*) fail stack "The stack $STACK is not supported." "Choose one that is, and push again:" "  heroku stack:set heroku-26" ;;
esac
case $(uname -s)-$(uname -m) in
Linux-x86_64) platform=linux-amd64 ;;
Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
*) fail architecture "$(uname -s) on $(uname -m) is not supported." "There are builds for Linux on x86_64 and aarch64." ;;
esac

scratch=$(mktemp -d) || fail space "No temporary directory could be made." "Is the disk full?"
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

export GOTOOLCHAIN=local GOCACHE="$tools/go-build" GOPATH="$tools/go-path" GOMODCACHE="$tools/go-path/mod" CGO_ENABLED=0
flags=-modcacherw # else nobody could remove the cache
for flag in ${GOFLAGS:-}; do
	case $flag in
	-mod=* | --mod=* | -modfile=* | --modfile=*) ;; # for the app's own Go, such as -mod=vendor
	*) flags="$flags $flag" ;;
	esac
done
export GOFLAGS="$flags"
unset GOOS GOARCH GOROOT GOBIN GOWORK GOEXPERIMENT
run_go() { # its telemetry would go to the home directory, which can be the app's
	XDG_CONFIG_HOME=$scratch/config "$go" "$@" >"$scratch/log" 2>&1
}

minimum=$(sed -n 's/^go //p' "$buildpack/go.mod")
new_enough() {
	version=$(XDG_CONFIG_HOME=$scratch/config "$1" env GOVERSION 2>/dev/null) || return 1
	version=${version#go}
	[ "$(printf '%s\n%s\n' "$minimum" "$version" | sort -V | head -n 1)" = "$minimum" ]
}

# download URL SHA256 FILE. curl repeats what the network may mend; one that broke off or is another file is fetched
# once more. Sets $why and $said when it fails.
download() {
	for try in 1 2; do
		said=$(curl --fail --location --silent --show-error --retry 4 --retry-connrefused --connect-timeout 5 \
			--speed-limit 1000 --speed-time 30 --output "$3" "$1" 2>&1)
		code=$?
		case $code in
		0)
			sum=$(sha256sum <"$3" | cut -d ' ' -f 1)
			[ "$sum" != "$2" ] || return 0
			why=checksum
			;;
		18 | 56 | 92) why=truncated ;;
		23) why=space && return 1 ;;
		*) why=network && return 1 ;;
		esac
		[ $try = 2 ] || note "It came damaged ($why): trying again"
	done
	return 1
}

download_failed() {
	case $why in
	checksum) fail checksum "The Go toolchain is not the file it should be." "$url" "has the sha256 $sum" "instead of      $sha256." \
		"A proxy or a mirror may have changed it. Nothing of it was used." ;;
	truncated) fail truncated "The download of the Go toolchain broke off twice." "$url" "$(printf %s "$said" | tail -n 1)" "Push again." ;;
	space) fail space "There is no space left for the Go toolchain." "$(printf %s "$said" | tail -n 1)" ;;
	*) fail network "The Go toolchain could not be fetched." "$url" "$(printf %s "$said" | tail -n 1)" \
		"Check the network and https_proxy, or put Go $minimum or newer on PATH:" \
		"on Heroku the buildpack heroku/go does, when it comes first." "Then push again." ;;
	esac
}

started=$(date +%s)
go=$(command -v go) || go=
if [ -n "$go" ] && new_enough "$go"; then
	step "Using Go $version of this machine"
	rm -rf "$tools/go"
else
	[ -z "$go" ] || note "Go $version on PATH is older than $minimum"
	pin=$(grep "^$platform " "$buildpack/buildpack/toolchain.txt")
	set -- $pin
	version=$2 sha256=$3 url=$4
	home=$tools/go/$version-$platform
	if [ -d "$home" ] && ! (cd "$home" && sha256sum --quiet --status -c "$home.sums") 2>/dev/null; then
		step 'The Go toolchain in the cache is damaged: fetching it again'
		rm -rf "$home"
	fi
	if [ -d "$home" ]; then
		step "Using Go $version from the cache"
	else
		step "Fetching Go $version"
		rm -rf "$tools/go" # other versions, and what an interrupted build left
		download "$url" "$sha256" "$scratch/go.tar.gz" || download_failed
		mkdir -p "$home.partial" &&
			tar -xzf "$scratch/go.tar.gz" -C "$home.partial" --strip-components 1 --anchored --exclude go/test --exclude go/doc \
				--exclude go/api --exclude go/misc --no-anchored --exclude testdata --exclude '*_test.go' 2>"$scratch/log" &&
			(cd "$home.partial" && find . -type f -print0 | xargs -0 sha256sum) >"$home.sums" 2>"$scratch/log" &&
			mv "$home.partial" "$home" || {
			rm -rf "$tools/go"
			fail space "The Go toolchain could not be unpacked." "$(tail -n 1 "$scratch/log")"
		}
		rm -f "$scratch/go.tar.gz"
		note "sha256 as pinned, $(($(date +%s) - started)) s"
	fi
	go=$home/bin/go
fi

# why_failed says of a build of Go that failed whether that is the disk's fault, the network's or its own. goFailure in
# launcher.go is the same.
why_failed() {
	case $(cat "$scratch/log") in
	*'no space left'* | *'quota exceeded'*) echo space ;;
	*'dial tcp'* | *'no such host'* | *'i/o timeout'* | *proxyconnect* | *'connection refused'* | *'reading http'* | \
		*'TLS handshake'* | *x509:*) echo network ;;
	*) echo build ;;
	esac
}

build_failed() {
	why=$(why_failed)
	rm -rf "$tools/program"
	said=$(grep -v '^go: downloading ' "$scratch/log" | tail -n 15)
	case $why in
	space) fail space 'There is no space left to build the buildpack.' "$said" ;;
	network)
		fail network 'A Go module of the buildpack could not be fetched.' "$said" '' \
			'Check the network, HTTPS_PROXY and GOPROXY, then push again.'
		;;
	*) fail build 'The buildpack could not be built.' "$said" ;;
	esac
}

# The program is built once for each state of its source code.
started=$(date +%s)
key=$(cd "$buildpack" && {
	echo "$version" "$platform"
	find go.mod go.sum buildpack cmd/buildpack internal/assets internal/provision -type f ! -name '*_test.go' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
} | sha256sum | cut -c 1-16)
program=$tools/program/$key/buildpack
if [ -x "$program" ] && [ "$(sha256sum <"$program")" = "$(cat "$program.sum" 2>/dev/null)" ]; then
	note 'The buildpack is built already'
else
	[ ! -e "$program" ] || note 'The buildpack in the cache is damaged: building it again'
	step 'Building the buildpack'
	rm -rf "$tools/program"
	mkdir -p "${program%/*}"
	build_program() { run_go build -C "$buildpack" -trimpath -buildvcs=false -mod=readonly -ldflags '-s -w' -o "$program" ./cmd/buildpack; }
	had_cache=
	[ ! -d "$GOCACHE" ] || had_cache=yes
	if ! build_program && [ -n "$had_cache" ] && [ "$(why_failed)" = build ]; then # what an earlier build left may be the reason
		note "That failed with the caches of Go: trying without"
		rm -rf "$GOCACHE" "$GOPATH"
		build_program
	fi
	[ -x "$program" ] || build_failed
	sha256sum <"$program" >"$program.sum"
	note "$(($(date +%s) - started)) s"
fi
clean_up
trap - EXIT HUP INT TERM
