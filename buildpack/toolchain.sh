# Sourced by bin/compile with $build, $cache, $env and $buildpack set; replaces the positional parameters. Finds or
# fetches a Go toolchain, builds cmd/buildpack with it, and sets $go and $program. POSIX sh with curl, tar and sha256sum,
# which every build image has.

tools=$cache/mlflow-server # all that this buildpack keeps between builds
scratch=

step() { printf -- '-----> %s\n' "$*"; }
note() { printf '       %s\n' "$*"; }
clean_up() { [ -z "$scratch" ] || rm -rf "$scratch"; }

# fail KEY HEADLINE LINE…: one block on standard error, red where that is wanted, and a report; ends the build.
fail() {
	key=$1 on=$(printf '\033[1;31m') off=$(printf '\033[0m')
	[ -z "${NO_COLOR:-}" ] || { on= off=; }
	shift
	{
		printf '%s !     %s%s\n%s !%s\n' "$on" "$1" "$off" "$on" "$off"
		headline=$1
		shift
		printf '%s\n' "$@" | sed -e 's,://[^/@ ]*@,://[redacted]@,g' -e "s/^/$on !     /" -e "s/ *\$/$off/"
	} >&2
	printf 'result: failure\nfailure: %s\nreason: %s\n' "$key" "$headline" 2>/dev/null >"$tools/report"
	clean_up
	exit 1
}

# The settings of the app that concern the network. They are files in ENV_DIR, and most of the others must not be
# exported (https://devcenter.heroku.com/articles/buildpack-api).
for name in GOPROXY GONOPROXY GOPRIVATE GOSUMDB GONOSUMDB GOINSECURE GOVCS GOAUTH GOFLAGS HTTP_PROXY HTTPS_PROXY \
	NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE; do
	[ ! -f "$env/$name" ] || export "$name=$(cat -- "$env/$name")"
done

if ! { mkdir -p "$tools" && true >"$tools/report"; } 2>/dev/null; then
	fail cache "The cache directory cannot be written to." "It is $cache." \
		"On Heroku, empty it and push again:" "  heroku plugins:install heroku-builds && heroku builds:cache:purge"
fi

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
export GOFLAGS="${GOFLAGS:-} -modcacherw" # else nobody could remove the cache
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
		"Check the network and https_proxy, or put Go $minimum or newer on PATH: on Heroku the buildpack heroku/go does," \
		"when it comes first. Then push again." ;;
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
			tar -xzf "$scratch/go.tar.gz" -C "$home.partial" --strip-components 1 --exclude go/test --exclude go/doc \
				--exclude go/api --exclude go/misc --exclude testdata --exclude '*_test.go' 2>"$scratch/log" &&
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

build_failed() {
	rm -rf "$tools/program"
	said=$(grep -v '^go: downloading ' "$scratch/log" | tail -n 15)
	case $said in
	*'no space left'*) fail space 'There is no space left to build the buildpack.' "$said" ;;
	*'dial tcp'* | *'no such host'* | *'i/o timeout'* | *proxyconnect* | *'reading http'*)
		fail network 'A Go module of the buildpack could not be fetched.' "$said" '' 'Check the network, HTTPS_PROXY and GOPROXY, then push again.'
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
	build_program() { run_go build -C "$buildpack" -trimpath -buildvcs=false -ldflags '-s -w' -o "$program" ./cmd/buildpack; }
	had_cache=
	[ ! -d "$GOCACHE" ] || had_cache=yes
	if ! build_program && [ -n "$had_cache" ]; then # what an earlier build left may be the reason
		note 'That failed with the build cache: trying without'
		rm -rf "$GOCACHE" "$GOPATH"
		build_program
	fi
	[ -x "$program" ] || build_failed
	sha256sum <"$program" >"$program.sum"
	note "$(($(date +%s) - started)) s"
fi
clean_up
trap - EXIT HUP INT TERM
