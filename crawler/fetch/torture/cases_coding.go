package torture

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

// coded gives body under a content coding.
func coded(coding string, body []byte) []byte {
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "deflate":
		w, _ = flate.NewWriter(&b, flate.DefaultCompression)
	case "br":
		w = brotli.NewWriterLevel(&b, 4)
	case "zstd":
		w, _ = zstd.NewWriter(&b, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	default:
		panic("unknown coding " + coding)
	}
	w.Write(body)
	w.Close()
	return b.Bytes()
}

// sent is an answer with a Content-Encoding and a length.
func sent(field string, body []byte) []byte {
	head := crlf("HTTP/1.1 200 OK", html, "Content-Encoding: "+field, fmt.Sprintf("Content-Length: %d", len(body)))
	return append([]byte(head), body...)
}

func codings() []Case {
	body := []byte(large("coding"))
	good := func(name, field string, entity []byte) Case {
		return Case{Name: name, Sent: sent(field, entity), Body: body, Clean: true}
	}
	packed := coded("gzip", body)
	cut := good("gzip cut short", "gzip", packed[:len(packed)-400])
	cut.Prefix, cut.DecodeBad, cut.Body = true, true, body[:1000]
	sum := good("gzip with a wrong checksum", "gzip", append(append([]byte(nil), packed[:len(packed)-8]...), "badbadba"...))
	sum.DecodeBad = true
	chunkedPacked := Case{Name: "gzip as transfer coding", Note: "unusual transfer-encoding", Body: body}
	chunkedPacked.Sent = append([]byte(crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: gzip, chunked")), chunks(string(packed), 700, "", "\r\n")+"0\r\n\r\n"...)
	transfer := Case{Name: "gzip as transfer coding until close", Note: "unusual transfer-encoding", Body: body, End: Close}
	transfer.Sent = append([]byte(crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: gzip")), packed...)
	both := Case{Name: "gzip inside chunks", Body: body, Clean: true}
	both.Sent = append([]byte(crlf("HTTP/1.1 200 OK", html, "Content-Encoding: gzip", "Transfer-Encoding: chunked")), chunks(string(packed), 333, "", "\r\n")+"0\r\n\r\n"...)
	unknown := good("coding of unknown name", "cow", body)
	unknown.DecodeBad = true
	empty := good("coding without a body", "gzip", nil)
	empty.Body = nil
	return append(bombs(), []Case{
		good("gzip", "gzip", packed), good("brotli", "br", coded("br", body)), good("zstd", "zstd", coded("zstd", body)),
		good("deflate with zlib head", "deflate", coded("zlib", body)), good("deflate without zlib head", "deflate", coded("deflate", body)),
		good("x-gzip in capitals", "X-GZIP", packed),
		good("gzip that is not", "gzip", body), good("brotli that is not", "br", body),
		good("zstd that is not", "zstd", body), good("deflate that is not", "deflate", body),
		good("gzip with garbage behind it", "gzip", append(append([]byte(nil), packed...), "garbage, and more of it"...)),
		good("gzip with zeros behind it", "gzip", append(append([]byte(nil), packed...), make([]byte, 20)...)),
		good("gzip twice", "gzip, gzip", coded("gzip", packed)),
		good("brotli over gzip", "gzip, br", coded("br", packed)),
		good("gzip said twice but done once", "gzip, gzip", packed),
		good("identity said", "identity", body),
		cut, sum, chunkedPacked, transfer, both, unknown, empty,
	}...)
}

// bombs are small on the wire and large behind it.
func bombs() []Case {
	zeros := bytes.Repeat([]byte(" "), 8<<20)
	bomb := func(name, coding string) Case {
		return Case{Name: name, Sent: sent(coding, coded(coding, zeros)), Body: zeros[:1<<20], Prefix: true, Limit: "ratio", Clean: true}
	}
	nested := bomb("gzip bomb in a gzip", "gzip")
	nested.Sent = sent("gzip, gzip", coded("gzip", coded("gzip", zeros)))
	return []Case{bomb("gzip bomb", "gzip"), bomb("brotli bomb", "br"), bomb("zstd bomb", "zstd"), nested}
}

func charsets() []Case {
	russian := "<!DOCTYPE html><html><head><title>Новости</title></head><body><p>Сегодня в Москве прошли переговоры.</p></body></html>\n"
	var win []byte
	for _, r := range russian {
		switch {
		case r >= 'А' && r <= 'я':
			win = append(win, byte(r-'А')+0xc0)
		default:
			win = append(win, byte(r))
		}
	}
	meta := bytes.Replace(win, []byte("<head>"), []byte(`<head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">`), 1)
	var wide []byte
	for _, r := range "\ufeff" + russian {
		wide = append(wide, byte(r), byte(r>>8))
	}
	with := func(name, media string, body []byte, text string) Case {
		c := Case{Name: name, Body: body, Text: []byte(text), Clean: true, MediaType: "text/html"}
		c.Sent = append([]byte(crlf("HTTP/1.1 200 OK", "Content-Type: "+media, fmt.Sprintf("Content-Length: %d", len(body)))), body...)
		return c
	}
	pdf := with("a PDF that says it is a page", "text/html", []byte("%PDF-1.4\n\x00\x01\x02binary\xff\xfe"), "")
	pdf.Text, pdf.MediaType = nil, "application/pdf"
	feed := `<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>`
	rss := with("a feed that says it is a page", "text/html", []byte(feed), feed)
	rss.MediaType = "application/rss+xml"
	return []Case{
		with("windows-1251 in the field", "text/html; charset=windows-1251", win, russian),
		with("windows-1251 in the page only", "text/html", meta, string(bytes.Replace([]byte(russian), []byte("<head>"), []byte(`<head><meta http-equiv="Content-Type" content="text/html; charset=windows-1251">`), 1))),
		with("UTF-8 that says it is windows-1251", "text/html; charset=windows-1251", []byte(russian), russian),
		with("windows-1251 that says it is UTF-8", "text/html; charset=utf-8", win, russian),
		with("windows-1251 that says nothing", "text/html", win, russian),
		with("UTF-16 with a mark", "text/html", wide, russian),
		with("UTF-8 with a mark", "text/html; charset=iso-8859-1", []byte("\xef\xbb\xbf"+russian), russian),
		pdf, rss,
	}
}
