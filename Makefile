# newsreel: `make` lists the targets.

GO      ?= go
BIN     := bin/newsreel
DATA    ?= ./newsreel-data
GOLD    ?= ../shared/gold
SCORE   ?= ../shared/score
FUZZTIME ?= 20s

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: ## build the one binary, bin/newsreel (needs Go and nothing else)
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/newsreel

run: build ## crawl, extract and archive the newspapers that newsreel brings along
	$(BIN) demo --data $(DATA)

test: test-deps ## install what the tests need and run every test, with the race detector
	$(GO) vet ./...
	CGO_ENABLED=1 $(GO) test -race -timeout 25m ./...

test-deps: ## install what the tests need beyond Go
	@./internal/peers/install

lint: ## gofmt, go vet, and the rules of the tree
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'not gofmt-ed'; exit 1; }
	$(GO) vet ./...
	$(GO) test ./internal/lint

bench: ## measure the whole pipeline beside wget, Colly and the floor
	$(GO) run ./bench/pipeline

score: build ## score the extractor on the gold pages, if they are there
	@if [ ! -d $(GOLD) ]; then echo 'no gold pages at $(GOLD): set GOLD=DIR'; exit 0; fi; \
	set -e; tmp=$$(mktemp -d); trap 'rm -rf $$tmp' EXIT; \
	sed 's#"file": *"#&'"$$(cd $(GOLD) && pwd)"'/#' $(GOLD)/gold.jsonl > $$tmp/list.jsonl; \
	$(BIN) extract --batch $$tmp/list.jsonl > $$tmp/out.jsonl; \
	cp -r $(SCORE) $$tmp/score; \
	(cd $$tmp/score && $(GO) run . -gold "$(abspath $(GOLD))/gold.jsonl" -pred $$tmp/out.jsonl)

fuzz: ## fuzz each parser of outside bytes for FUZZTIME (20s)
	@for pkg in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
	    echo "== $$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
	  done; \
	done

clean: ## remove what was built
	rm -rf bin

.PHONY: help build run test test-deps lint bench score fuzz clean
