package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/spf13/cobra"

	"newsreel/article"
	"newsreel/extractor"
	"newsreel/internal/weburl"
)

// maxPage is the most bytes of a page that are read, decompressed: what is
// longer is cut there, and the article says truncated.
const maxPage = 64 << 20

func extractCommand() *cobra.Command {
	var c extract
	cmd := &cobra.Command{
		Use:   "extract [FILE | - | URL]",
		Short: "Extract the article of one page, or of a list of pages",
		Long: `Extract prints the article on a page as JSON: of a file (also .gz), of standard
input (-), or of a URL, which is fetched once. No data folder is needed.

  newsreel extract page.html --url https://www.example.com/news/1
  curl -s https://www.example.com/news/1 | newsreel extract - --url https://www.example.com/news/1
  newsreel extract https://www.example.com/news/1

With --explain it prints instead, for each field, what the page offers, what
speaks for and against it, what was taken, and what was left out of it; with
--explain=json the same as JSON, with the article.

With --markdown it prints the article as a Markdown document, with the links,
lists, quotes and tables of the body; with --json, or --batch, an article has
the body so under "markdown".

--rules names a folder of site rules (newsreel help rules), which say where
certain sites print what.

With --batch it reads a list, a line a page, and prints an article a line, in
the order of the list:

  newsreel extract --batch list.jsonl > articles.jsonl

  {"id": "1", "url": "https://www.example.com/news/1", "file": "1.html.gz"}
  {"id": "2", "url": "https://www.example.com/news/2", "file": "2.html", "fetched": "2024-05-03T18:19:08Z"}

A file is relative to the list. What cannot be extracted is a line
{"id": …, "error": …}, and no reason to stop: the exit status is 0 once each
line is answered.

With --listen it answers pages that other programs send, until it is stopped:

  newsreel extract --listen 127.0.0.1:8090
  curl --data-binary @page.html 'http://127.0.0.1:8090/?url=https://www.example.com/news/1'

Site rules that change meanwhile are taken up, unless they have a fault.`,
		RunE: c.run,
	}
	cmd.Flags().StringVar(&c.url, "url", "", "`URL` that the page was found at, for its links and its date")
	cmd.Flags().StringVar(&c.batch, "batch", "", "`LIST.jsonl` of pages; - for standard input")
	cmd.Flags().StringVar(&c.explain, "explain", "", "say why each field is what it is; `=json` for tools")
	cmd.Flags().Lookup("explain").NoOptDefVal = explainText
	cmd.Flags().BoolVar(&c.markdown, "markdown", false, "the article as a Markdown document, or as a field with --json or --batch")
	cmd.Flags().StringVar(&c.rules, "rules", "", "`DIR` with site rules")
	cmd.Flags().StringVar(&c.listen, "listen", "", "answer pages over HTTP on `ADDR`, such as 127.0.0.1:8090")
	cmd.Flags().BoolVar(&c.child, childFlag, false, "")
	_ = cmd.Flags().MarkHidden(childFlag)
	c.get.flags(cmd)
	jsonFlag(cmd, &c.json, "the article on one line")
	return cmd
}

type extract struct {
	url, batch string
	child      bool
	explain    string
	markdown   bool
	rules      string
	listen     string
	json       bool
	get        getter
}

func (c *extract) run(cmd *cobra.Command, args []string) error {
	folder, err := c.folder()
	if err != nil {
		return err
	}
	if c.listen != "" {
		return c.serve(cmd, args, folder)
	}
	choose := chooser(folder)
	if c.batch != "" {
		if len(args) > 0 || c.url != "" {
			return usage(errors.New("--batch takes its pages and URLs from the list: leave out the file and --url"))
		}
		if c.explain != "" {
			return usage(errors.New("--explain explains one page: leave out --batch"))
		}
		return runBatch(cmd.InOrStdin(), cmd.OutOrStdout(), c.batch, c.child, c.markdown, choose)
	}
	if len(args) != 1 {
		return usage(errors.New("extract wants one file, - or URL, as in: newsreel extract page.html --url https://www.example.com/news/1"))
	}
	ctx, undo := interruptible()
	defer undo()
	page, err := c.page(ctx, cmd.InOrStdin(), args[0])
	if err != nil {
		return interrupted(ctx, err)
	}
	page.Markdown = c.markdown
	if choose != nil {
		page.Rule = choose(page.URL)
	}
	if c.explain != "" {
		return explain(cmd.OutOrStdout(), *page, c.explain)
	}
	a, err := extractor.NewGuard(sandbox).Extract(ctx, *page)
	if err != nil {
		return interrupted(ctx, fmt.Errorf("extract %s: %w", args[0], err))
	}
	if !page.Fetched.IsZero() {
		a.Fetched = page.Fetched.UTC().Format(time.RFC3339Nano)
	}
	if c.markdown && !c.json {
		return printMarkdown(cmd.OutOrStdout(), a)
	}
	return printArticle(cmd.OutOrStdout(), a, c.json)
}

// printArticle prints an article for people, or on one line.
func printArticle(w io.Writer, a *article.Article, line bool) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if !line {
		e.SetIndent("", "  ")
	}
	return e.Encode(a)
}

func (c *extract) page(ctx context.Context, stdin io.Reader, from string) (*extractor.Page, error) {
	url := c.url
	if url != "" {
		var err error
		if url, err = weburl.Parse(url); err != nil {
			return nil, usage(fmt.Errorf("--url: %w", err))
		}
	}
	if strings.Contains(from, "://") {
		return c.fetch(ctx, from, url)
	}
	p := &extractor.Page{URL: url}
	var err error
	if from == "-" {
		p.Body, p.Truncated, err = readPage(stdin)
	} else {
		p.Body, p.Truncated, err = readPageFile(from)
	}
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	return p, nil
}

// fetch gets a page from its site. --url overrides where it was found.
func (c *extract) fetch(ctx context.Context, raw, given string) (*extractor.Page, error) {
	url, err := weburl.Parse(raw)
	if err != nil {
		return nil, usage(err)
	}
	var p *extractor.Page
	err = c.get.get(ctx, url, func(a *answer) error {
		if a.ex.Status < 200 || a.ex.Status > 299 {
			return fmt.Errorf("extract %s: the answer is %d %s", a.url, a.ex.Status, plain(a.ex.Reason))
		}
		v := a.view()
		p = &extractor.Page{URL: a.url, ContentType: v.DeclaredType, Fetched: a.ex.Started,
			Truncated: a.ex.Truncated != "" || v.Limit != "", Body: bytes.Clone(v.RawBody)}
		for _, name := range []string{"Content-Language", "Last-Modified", "Link"} {
			if value := a.ex.Header(name); value != "" {
				p.Header = append(p.Header, extractor.Field{Name: name, Value: value})
			}
		}
		return nil
	})
	if err == nil && given != "" {
		p.URL = given
	}
	return p, err
}

func readPageFile(name string) (body []byte, truncated bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	body, truncated, err = readPage(f)
	if err != nil {
		return nil, false, fmt.Errorf("read %s: %w", name, err)
	}
	return body, truncated, nil
}

// readPage reads a page, decompressing what is gzip by its first bytes. A gzip
// stream that breaks off gives what came before, as truncated.
func readPage(r io.Reader) (body []byte, truncated bool, err error) {
	in := bufio.NewReaderSize(r, 64<<10)
	var from io.Reader = in
	zipped := isGzip(in)
	if zipped {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, false, err
		}
		defer z.Close()
		from = z
	}
	body, err = io.ReadAll(io.LimitReader(from, maxPage+1))
	if err != nil && zipped && len(body) > 0 {
		return body, true, nil
	}
	if len(body) > maxPage {
		return body[:maxPage], true, err
	}
	return body, false, err
}

func isGzip(r *bufio.Reader) bool {
	magic, _ := r.Peek(2)
	return string(magic) == "\x1f\x8b"
}
