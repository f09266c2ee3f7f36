package extractor

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"newsreel/article"
)

const handlerPage = `<html lang="de"><title>Brücke bleibt zu</title><h1>Brücke bleibt zu</h1><p>5. Mai 2024, 10:39 Uhr</p>
<p>Die Brücke über den Fluss bleibt für Autos bis zum Frühjahr gesperrt, teilte der Rat am Freitag mit.</p>
<p>Fachleute haben Risse in zwei ihrer Pfeiler gefunden. Fußgänger dürfen sie weiter benutzen.</p>`

func zipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.String()
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

func TestHandlerAnswersPagesWithArticles(t *testing.T) {
	server := httptest.NewServer(Handler(HandlerSettings{MaxBytes: 100_000}))
	defer server.Close()
	sent, err := json.Marshal(map[string]string{"url": "https://paper.example/a", "html": handlerPage, "fetched": "2024-06-01T00:00:00Z"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, query, media, coding, body string
		status                                   int
		want                                     string
	}{
		{"a page", "POST", "?url=https://paper.example/a", "text/html; charset=utf-8", "", handlerPage, 200, "Brücke bleibt zu"},
		{"a page in its own charset", "POST", "", "text/html; charset=iso-8859-1", "", latin1(handlerPage), 200, "Brücke bleibt zu"},
		{"a page as curl sends it", "POST", "", "application/x-www-form-urlencoded", "", handlerPage, 200, "Brücke bleibt zu"},
		{"a compressed page", "POST", "", "text/html", "gzip", zipped(handlerPage), 200, "Brücke bleibt zu"},
		{"a page in JSON", "POST", "", "application/json", "", string(sent), 200, "Brücke bleibt zu"},
		{"JSON with another key", "POST", "", "application/json", "", `{"page":"x"}`, 400, "page"},
		{"no method for pages", "GET", "", "", "", "", 405, "POST"},
		{"a picture", "POST", "", "image/jpeg", "", "\xff\xd8", 415, "image/jpeg is no page"},
		{"an unknown coding", "POST", "", "text/html", "br", "x", 415, "br"},
		{"broken gzip", "POST", "", "text/html", "gzip", "x", 400, "gzip"},
		{"nothing", "POST", "", "text/html", "", "", 400, "empty"},
		{"a page that is too large", "POST", "", "text/html", "", strings.Repeat("x", 100_001), 413, "larger than 100000"},
		{"a bomb", "POST", "", "text/html", "gzip", zipped(strings.Repeat("x", 10<<20)), 413, "larger than 100000"},
		{"no address", "POST", "?url=paper", "text/html", "", handlerPage, 400, "no address"},
		{"no time", "POST", "?fetched=today", "text/html", "", handlerPage, 400, "RFC 3339"},
	} {
		req, err := http.NewRequest(c.method, server.URL+"/"+c.query, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", c.media)
		if c.coding != "" {
			req.Header.Set("Content-Encoding", c.coding)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		var answer struct {
			article.Article
			Error string
		}
		if err := json.Unmarshal(body, &answer); err != nil || res.StatusCode != c.status || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d, %v: %s", c.name, res.StatusCode, err, body)
			continue
		}
		if got := answer.Headline + answer.Error; !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

// TestHandlerTurnsAwayWhatItCannotHold fills the house and asks once more.
func TestHandlerTurnsAwayWhatItCannotHold(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(Handler(HandlerSettings{Concurrent: 1, Extract: func(context.Context, Page) (*article.Article, error) {
		begun <- struct{}{}
		<-goOn
		return &article.Article{}, nil
	}}))
	defer server.Close()
	done := make(chan int)
	post := func() {
		res, err := http.Post(server.URL, "text/html", strings.NewReader("x"))
		if err != nil {
			done <- 0
			return
		}
		_ = res.Body.Close()
		done <- res.StatusCode
	}
	const sent = 8 // five may be in the house
	for range sent {
		go post()
	}
	<-begun
	turned := 0
	for turned < sent-5 {
		if code := <-done; code == http.StatusServiceUnavailable {
			turned++
		} else {
			t.Fatalf("status %d before any page was done", code)
		}
	}
	close(goOn)
	for served := 0; served < 5; {
		select {
		case <-begun:
		case code := <-done:
			if code != http.StatusOK {
				t.Errorf("status %d", code)
			}
			served++
		}
	}
}
