package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"newsreel/crawler/fetch/torture"
)

func TestWorkerHasOneOutcomeForEveryHostileAnswer(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	t.Run("group", func(t *testing.T) {
		for _, c := range server.Cases() {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				worker := NewWorker(client)
				before := server.Requests(c.Path)
				visits := 0
				ex, err := worker.Fetch(t.Context(), get(server.URL(c.Path)), func(view *View) {
					visits++
					checkView(t, &c, view)
				})
				if (ex == nil) == (err == nil) || visits != 1 && err == nil || visits != 0 && err != nil {
					t.Fatalf("exchange %v, error %v, %d visits", ex != nil, err, visits)
				}
				checkCase(t, &c, ex, err, true)
				checkRequests(t, server.Requests(c.Path)-before, ex, err)
			})
		}
	})
}

// oddities serves what made Colly or net/http lose pages.
func oddities() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/cookie", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "a=b")
		fmt.Fprintf(w, "cookie %q referer %q auth %q", r.Header.Get("Cookie"), r.Header.Get("Referer"), r.Header.Get("Authorization"))
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/target")
		w.WriteHeader(http.StatusFound)
		io.WriteString(w, "moved")
	})
	mux.HandleFunc("/feed.xml.gz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-gzip")
		io.WriteString(w, "not gzip at all")
	})
	mux.HandleFunc("/pdf", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/pdf; charset=binary")
		io.WriteString(w, "%PDF-1.4\n\xff\xfe\x00")
	})
	mux.HandleFunc("/status/", func(w http.ResponseWriter, r *http.Request) {
		var code int
		fmt.Sscanf(r.URL.Path, "/status/%d", &code)
		w.WriteHeader(code)
		if code != http.StatusNoContent && code != http.StatusNotModified {
			io.WriteString(w, "status")
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "at "+r.RequestURI) })
	return mux
}

func TestNothingThatCollyDoesReachesTheWireOrTheRecord(t *testing.T) {
	// The environment overrules Colly's options; not what is assigned after.
	t.Setenv("COLLY_MAX_BODY_SIZE", "5")
	t.Setenv("COLLY_ALLOWED_DOMAINS", "nowhere.test")
	t.Setenv("COLLY_CACHE_DIR", t.TempDir())
	t.Setenv("COLLY_IGNORE_ROBOTSTXT", "n")
	t.Setenv("COLLY_MAX_DEPTH", "-1")
	t.Setenv("COLLY_PARSE_HTTP_ERROR_RESPONSE", "n")
	t.Setenv("COLLY_DETECT_CHARSET", "y")
	var lines []string
	handler := oddities()
	server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, _ int) {
		for {
			line, err := r.Peek(1)
			if err != nil || len(line) == 0 {
				return
			}
			whole, _ := r.Peek(r.Buffered())
			first, _, _ := strings.Cut(string(whole), "\r\n")
			lines = append(lines, first)
			req, err := http.ReadRequest(r)
			if err != nil {
				io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				return
			}
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, req)
			answer := recorder.Result()
			answer.ContentLength = int64(recorder.Body.Len())
			answer.Write(conn)
		}
	})
	client := newTestClient(t, testSettings(t))
	worker := NewWorker(client)
	base := "http://" + server.addr
	for _, c := range []struct {
		name, url, line, body string
		status                int
	}{
		{"target that Colly would rewrite", base + "/50%-off", "GET /50%-off HTTP/1.1", "", 400},
		{"pipe and caret", base + "/a|b^c", "GET /a|b^c HTTP/1.1", "at /a|b^c", 200},
		{"the same page again", base + "/a|b^c", "GET /a|b^c HTTP/1.1", "at /a|b^c", 200},
		{"userinfo and fragment", "http://u:p@" + server.addr + "/cookie#x", "GET /cookie HTTP/1.1", `cookie "" referer "" auth ""`, 200},
		{"no cookie kept", base + "/cookie", "GET /cookie HTTP/1.1", `cookie "" referer "" auth ""`, 200},
		{"redirect not followed", base + "/moved", "GET /moved HTTP/1.1", "moved", 302},
		{"its target afterwards", base + "/target", "GET /target HTTP/1.1", "at /target", 200},
		{"what is called gzip and is not", base + "/feed.xml.gz", "GET /feed.xml.gz HTTP/1.1", "not gzip at all", 200},
		{"binary with a charset", base + "/pdf", "GET /pdf HTTP/1.1", "%PDF-1.4\n\xff\xfe\x00", 200},
		{"203", base + "/status/203", "GET /status/203 HTTP/1.1", "status", 203},
		{"204", base + "/status/204", "GET /status/204 HTTP/1.1", "", 204},
		{"304", base + "/status/304", "GET /status/304 HTTP/1.1", "", 304},
		{"404", base + "/status/404", "GET /status/404 HTTP/1.1", "status", 404},
		{"520", base + "/status/520", "GET /status/520 HTTP/1.1", "status", 520},
	} {
		lines = nil
		visits, got := 0, ""
		ex, err := worker.Fetch(t.Context(), get(c.url), func(v *View) { visits++; got = string(v.Body) })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if visits != 1 || c.status != ex.Status || c.status != 400 && got != c.body {
			t.Errorf("%s: %d visits, status %d, body %q", c.name, visits, ex.Status, got)
		}
		if len(lines) != 1 || lines[0] != c.line {
			t.Errorf("%s: server saw %q", c.name, lines)
		}
		ex.Close()
	}
}

func TestURLThatCollyRefusesIsFetchedAllTheSame(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	settings := testSettings(t)
	settings.Resolve = map[string]string{"a_b.test": server.Addr}
	client := newTestClient(t, settings)
	worker := NewWorker(client)
	worker.collector.DisallowedDomains = []string{"a_b.test"} // stands for any refusal before the transport
	visits := 0
	ex, err := worker.Fetch(t.Context(), get("http://a_b.test/case/plain-answer"), func(*View) { visits++ })
	if err != nil || visits != 1 {
		t.Fatalf("%v, %d visits", err, visits)
	}
	ex.Close()
	if _, err := worker.Fetch(t.Context(), get("http://xn--zz.test/"), func(*View) { visits++ }); reason(t, err).Reason != ReasonURL || visits != 1 {
		t.Errorf("%v, %d visits", err, visits)
	}
}

func TestPanicInVisitKeepsTheExchangeAndNamesTheError(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	worker := NewWorker(client)
	ex, err := worker.Fetch(t.Context(), get(server.URL("/case/plain-answer")), func(*View) { panic("poison") })
	if e := reason(t, err); ex == nil || e.Reason != ReasonInternal || e.Op != "visit" || !strings.Contains(err.Error(), "poison") {
		t.Fatalf("%v", err)
	}
	ex.Close()
	visits := 0
	ex, err = worker.Fetch(t.Context(), get(server.URL("/case/plain-answer")), func(*View) { visits++ })
	if err != nil || visits != 1 {
		t.Fatalf("after the panic: %v, %d visits", err, visits)
	}
	ex.Close()
}

func TestWorkersContextEndsTheFetch(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	worker := NewWorker(newTestClient(t, testSettings(t)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := worker.Fetch(ctx, get(server.URL("/case/silent-for-ever")), nil)
	if reason(t, err).Reason != ReasonCancelled || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestManyWorkersShareAClient(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	client := newTestClient(t, testSettings(t))
	paths := []string{"/case/plain-answer", "/case/gzip", "/case/chunked", "/case/windows-1251-in-the-field", "/case/until-close", "/case/lengths-that-differ"}
	want := map[string]string{}
	for _, c := range server.Cases() {
		want[c.Path] = string(c.Body)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			worker := NewWorker(client)
			for i := range 60 {
				path := paths[i%len(paths)]
				ex, err := worker.Fetch(t.Context(), get(server.URL(path)), func(v *View) {
					if string(v.RawBody) != want[path] {
						t.Errorf("%s: another page's body", path)
					}
				})
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				ex.Close()
			}
		})
	}
	group.Wait()
	total := 0
	for _, path := range paths {
		total += server.Requests(path)
	}
	if total != 480 {
		t.Errorf("%d requests at the server, want 480", total)
	}
}
