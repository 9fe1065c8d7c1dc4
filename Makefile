# Names for the commands of the README and of CONTRIBUTING.md; nothing happens here that does not stand there.
.PHONY: local test fast ci bench

local:
	go run ./cmd/mlflow-server local

test:
	go test ./...

fast:
	go test ./cmd/... ./internal/...

ci:
	bash .ci/run

bench:
	go run ./bench
