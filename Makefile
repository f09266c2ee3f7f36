# newsreel: `make` lists the targets.

GO      ?= go
BIN     := bin/newsreel
DATA    ?= ./newsreel-data
GOLD    ?= ../shared/gold
FUZZTIME ?= 20s

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build the one binary, bin/newsreel (needs Go and nothing else)
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/newsreel

run: build ## crawl, extract and archive the newspapers that newsreel brings along
	$(BIN) demo --data $(DATA)

test: test-deps ## install what the tests need and run every test, with the race detector
	CGO_ENABLED=1 $(GO) test -race -timeout 25m ./...

test-deps: ## install what the tests need beyond Go
	@./internal/peers/install

lint: ## gofmt, go vet, and the rules of the tree
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'not gofmt-ed'; exit 1; }
	CGO_ENABLED=0 $(GO) vet -trimpath ./...
	CGO_ENABLED=0 $(GO) test -trimpath ./internal/lint

bench: ## measure the whole pipeline beside wget, Colly and the floor
	$(GO) run ./bench/pipeline

cluster: ## show crawlers, extractors and archivers over three NATS servers and an S3 server
	$(GO) run ./internal/cluster/run

bench-cluster: ## measure one, two and four processes of each role with 200 jobs at once
	$(GO) run ./bench/cluster

score: ## score the extractor on annotated pages, whole and by publishers, if GOLD is there
	@if [ ! -f $(GOLD)/gold.jsonl ]; then echo 'no annotated pages at $(GOLD): set GOLD=DIR'; exit 0; fi; \
	$(GO) run ./bench/extract/score -gold $(GOLD)

bench-extract: ## measure the extractor beside others on annotated pages, quality and CPU
	@if [ ! -f $(GOLD)/gold.jsonl ]; then echo 'no annotated pages at $(GOLD): set GOLD=DIR'; exit 0; fi; \
	gold=$$(cd $(GOLD) && pwd) && cd bench/extract/peers && $(GO) run . -gold "$$gold"

fuzz: ## fuzz each parser of outside bytes for FUZZTIME (20s)
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "== $$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

chaos: ## kill, stop and starve crawls a thousand times, and look for anything lost
	$(GO) run ./chaos

clean: ## remove what was built
	rm -rf bin

.PHONY: help build run test test-deps lint bench bench-extract bench-cluster cluster score fuzz chaos clean
