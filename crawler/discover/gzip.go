package discover

import (
	"bytes"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"

	"newsreel/internal/weburl"
)

func isGzip(body []byte) bool { return bytes.HasPrefix(body, []byte{0x1f, 0x8b, 8}) }

// zipped tells whether the document is a gzip file that should be a sitemap or
// a feed. Other archives are none of this package's business.
func (in *Input) zipped() bool {
	if !isGzip(in.Body) {
		return false
	}
	if in.Hint == KindSitemap || in.Hint == KindFeed {
		return true
	}
	path, _, _ := strings.Cut(weburl.Path(in.URL), "?")
	return strings.HasSuffix(path, ".xml.gz")
}

// gunzip unpacks at most limit bytes. What came before an error is kept.
func gunzip(body []byte, limit int) (out []byte, cut bool, fault string) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, false, "unpack: " + err.Error()
	}
	out, err = io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err != nil {
		fault = "unpack: " + err.Error()
	}
	if len(out) > limit {
		return out[:limit], true, "longer than the limit on bytes once unpacked"
	}
	return out, false, fault
}
