// Command floor does the least that any archiving crawler has to do with a
// page, and nothing besides: it fetches each URL of a known list, compresses
// what came, takes its SHA-1, and reads the links out with a tokenizer. There
// is no frontier, no robots.txt, no record, and nothing is stored.
//
//	floor -pages 500 SEED…
package main

import (
	"bytes"
	"crypto/sha1"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/net/html"

	"newsreel/warc"
)

// perSection is how many articles of the bench world a section page lists.
const perSection = 50

func main() {
	pages := flag.Int("pages", 500, "article pages a host")
	workers := flag.Int("workers", 32, "fetches at once")
	flag.Parse()
	var urls []string
	for _, seed := range flag.Args() {
		urls = append(urls, seed)
		for i := range (*pages + perSection - 1) / perSection {
			urls = append(urls, fmt.Sprintf("%ssection/%d", seed, i))
		}
		for i := range *pages {
			urls = append(urls, fmt.Sprintf("%snews/article-%d.html", seed, i))
		}
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *workers, DisableCompression: true}}
	zips := &sync.Pool{New: func() any {
		zip, _ := gzip.NewWriterLevel(io.Discard, warc.DefaultLevel) // the level of newsreel's WARC files
		return zip
	}}
	var links, size, failed atomic.Int64
	todo := make(chan string)
	var wg sync.WaitGroup
	for range *workers {
		wg.Go(func() {
			w := worker{client: client, zips: zips}
			for url := range todo {
				if err := w.page(url); err != nil {
					failed.Add(1)
					fmt.Fprintln(os.Stderr, "floor:", err)
				}
			}
			links.Add(w.links)
			size.Add(w.size)
		})
	}
	for _, url := range urls {
		todo <- url
	}
	close(todo)
	wg.Wait()
	fmt.Printf("%d pages, %d links, %d bytes compressed\n", len(urls), links.Load(), size.Load())
	if failed.Load() > 0 {
		os.Exit(1)
	}
}

type worker struct {
	client      *http.Client
	zips        *sync.Pool // of *gzip.Writer: few are in use at once
	body, out   bytes.Buffer
	links, size int64
}

func (w *worker) page(url string) error {
	res, err := w.client.Get(url)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, res.Status)
	}
	w.body.Reset()
	if _, err := w.body.ReadFrom(res.Body); err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	sha1.Sum(w.body.Bytes())
	w.out.Reset()
	zip := w.zips.Get().(*gzip.Writer)
	defer w.zips.Put(zip)
	zip.Reset(&w.out)
	if _, err := zip.Write(w.body.Bytes()); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	w.size += int64(w.out.Len())
	w.links += links(w.body.Bytes())
	return nil
}

// links reads the href of each a element.
func links(page []byte) (n int64) {
	z := html.NewTokenizer(bytes.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return n
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			if len(name) != 1 || name[0] != 'a' {
				continue
			}
			for more {
				var key, value []byte
				key, value, more = z.TagAttr()
				if string(key) == "href" && len(value) > 0 {
					n++
				}
			}
		}
	}
}
