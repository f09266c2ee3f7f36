// Command colly crawls with plain Colly: its own transport, its queue in
// memory, its visited store, its DOM for links. It archives nothing.
//
//	colly SEED…
package main

import (
	"flag"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/gocolly/colly/v2"
	"github.com/gocolly/colly/v2/queue"
)

func main() {
	threads := flag.Int("threads", 32, "consumers of the queue")
	flag.Parse()
	q, err := queue.New(*threads, &queue.InMemoryQueueStorage{MaxSize: 10_000_000})
	if err != nil {
		fmt.Fprintln(os.Stderr, "colly:", err)
		os.Exit(1)
	}
	c := colly.NewCollector()
	var pages atomic.Int64
	c.OnResponse(func(*colly.Response) { pages.Add(1) })
	c.OnHTML("a[href]", func(e *colly.HTMLElement) {
		url := e.Request.AbsoluteURL(e.Attr("href"))
		if seen, err := c.HasVisited(url); err == nil && !seen {
			_ = q.AddURL(url)
		}
	})
	for _, seed := range flag.Args() {
		if err := q.AddURL(seed); err != nil {
			fmt.Fprintln(os.Stderr, "colly:", err)
			os.Exit(1)
		}
	}
	if err := q.Run(c); err != nil {
		fmt.Fprintln(os.Stderr, "colly:", err)
		os.Exit(1)
	}
	fmt.Printf("%d pages\n", pages.Load())
}
