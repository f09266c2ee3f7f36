package job_test

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"newsreel/job"
)

// A first job: one section of a newspaper, a hundred pages, on Sunday slowly.
func Example() {
	document := []byte(`
name: first-job
seeds:
  urls:
    - https://news.example/world/
scope:
  mode: prefix
limits:
  pages: 100
`)
	doc, err := job.Parse("first-job.yaml", document)
	if err != nil {
		fmt.Println(err)
		return
	}
	fs := pflag.NewFlagSet("crawl", pflag.ContinueOnError)
	flags := job.BindFlags(fs)
	if err := fs.Parse([]string{"--delay", "5s"}); err != nil {
		fmt.Println(err)
		return
	}
	if err := flags.Apply(doc, os.LookupEnv); err != nil {
		fmt.Println(err)
		return
	}
	scope := job.NewScope(doc, nil)
	fmt.Println(doc.Name, doc.Limits.Pages, doc.Politeness.Delay)
	fmt.Println(scope.Judge("https://news.example/world/2016/talks-stall").In)
	fmt.Println(scope.Judge("https://news.example/sport/").Rule)
	// Output:
	// first-job 100 5s
	// true
	// outside: not below the path of a seed (scope.mode prefix)
}

// Every fault of a document comes at once, with its place.
func ExampleParse_faults() {
	_, err := job.Parse("jobs/x.yaml", []byte("seeds:\n  urls: [example.com]\nscope:\n  moed: host\n"))
	fmt.Println(err)
	// Output:
	// jobs/x.yaml:2: seeds.urls[0]: "example.com" is not a whole URL; did you mean https://example.com/ ?
	// jobs/x.yaml:4: scope.moed: unknown key (did you mean scope.mode?)
}
