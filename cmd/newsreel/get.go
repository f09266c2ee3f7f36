package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"newsreel/crawler/fetch"
	"newsreel/internal/weburl"
)

// getter gets single URLs for commands that look at one, over the crawler's
// own exchange: its limits, its address guard. A person's single look asks no
// robots.txt.
type getter struct {
	allowPrivate bool
	userAgent    string
	proxy        string
	resolve      []string
}

func (g *getter) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&g.allowPrivate, "allow-private", false, "reach addresses that are not public")
	cmd.Flags().StringVar(&g.userAgent, "user-agent", "newsreel/"+Version, "User-Agent of requests")
	cmd.Flags().StringVar(&g.proxy, "proxy", "", "proxy `URL` (http, https, socks5)")
	cmd.Flags().StringArrayVar(&g.resolve, "resolve", nil, "`NAME=ADDR`: address of a name, instead of the DNS's; may be repeated")
}

// maxRedirects is how many redirects in a row are followed.
const maxRedirects = 10

// answer is a response that is no redirect.
type answer struct {
	url string // where it was found
	ex  *fetch.Exchange
}

func (a *answer) view() *fetch.View { return a.ex.View() }

// noAnswerError says that a URL gave no response.
type noAnswerError struct{ cause *fetch.Error }

func (e *noAnswerError) Error() string { return e.cause.Error() }

// Unwrap gives the exchange's own cause.
func (e *noAnswerError) Unwrap() error { return e.cause.Err }

// tryLater says whether another try may help: the server's or the network's
// fault, and not a refusal of ours.
func (e *noAnswerError) tryLater() bool {
	reason := e.cause.Reason
	return reason != fetch.ReasonAddress && reason != fetch.ReasonURL && reason != fetch.ReasonCancelled
}

// get fetches a URL, following redirects, and calls f with the answer, which
// is valid during the call.
func (g *getter) get(ctx context.Context, url string, f func(*answer) error) error {
	addresses, err := resolveFlags(g.resolve)
	if err != nil {
		return usage(err)
	}
	client, err := fetch.NewClient(fetch.Settings{Proxy: g.proxy, Resolve: addresses})
	if err != nil {
		return usage(err)
	}
	defer client.Close()
	for range maxRedirects + 1 {
		next, err := g.once(ctx, client, url, f)
		if err != nil || next == "" {
			return err
		}
		url = next
	}
	return fmt.Errorf("fetch %s: more than %d redirects in a row", url, maxRedirects)
}

func (g *getter) once(ctx context.Context, client *fetch.Client, url string, f func(*answer) error) (next string, err error) {
	ex, err := client.Do(ctx, &fetch.Request{URL: url, UserAgent: g.userAgent, AllowPrivate: g.allowPrivate})
	var fe *fetch.Error
	if errors.As(err, &fe) {
		if fe.Reason == fetch.ReasonAddress && !g.allowPrivate && !strings.Contains(fe.Error(), "bad port") {
			return "", fmt.Errorf("%w\n--allow-private reaches addresses that are not public", &noAnswerError{fe})
		}
		return "", &noAnswerError{fe}
	}
	if err != nil {
		return "", err
	}
	defer ex.Close()
	if location := ex.Location(); location != "" && ex.Status >= 300 && ex.Status < 400 {
		base, err := weburl.NewBase(url, 0)
		if err != nil {
			return "", err
		}
		return weburl.Resolve(base, location, nil)
	}
	return "", f(&answer{url: url, ex: ex})
}

// resolveFlags reads NAME=ADDR pairs, which commas may part.
func resolveFlags(pairs []string) (map[string]string, error) {
	addresses := map[string]string{}
	for _, pair := range strings.FieldsFunc(strings.Join(pairs, ","), func(r rune) bool { return r == ',' }) {
		name, addr, ok := strings.Cut(pair, "=")
		if !ok || name == "" || addr == "" {
			return nil, fmt.Errorf("--resolve %q: wants NAME=ADDR, as in www.example.com=192.0.2.1:8080", pair)
		}
		addresses[strings.ToLower(name)] = addr
	}
	return addresses, nil
}
