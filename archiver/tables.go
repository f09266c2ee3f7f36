package archiver

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/stream"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// writeBatch is how many rows are handed to a table at a time.
const writeBatch = 256

// captureTables builds captures.parquet and the CDXJ index of a segment.
func (a *Archiver) captureTables(s *segment) (table, index *spool, err error) {
	table, err = newSpool(a.s.SpoolDir, true)
	if err == nil {
		index, err = newSpool(a.s.SpoolDir, true)
	}
	if err == nil {
		err = a.writeCaptures(s, table, index)
	}
	if err != nil {
		table.close()
		index.close()
		return nil, nil, err
	}
	return table, index, nil
}

func (a *Archiver) writeCaptures(s *segment, table, index *spool) error {
	if err := s.rows.flush(); err != nil {
		return err
	}
	order := make([]int32, len(s.captures))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		return cmp.Or(strings.Compare(s.captures[x].key, s.captures[y].key), cmp.Compare(x, y))
	})
	rows := newBatch(archive.NewCaptureWriter(spoolWriter{table}))
	lines := indexLines{out: index}
	for _, i := range order {
		row, err := a.row(s, &s.captures[i])
		if err == nil {
			err = lines.add(s.captures[i].key, row)
		}
		if err == nil {
			err = rows.add(*row)
		}
		if err != nil {
			return err
		}
	}
	return errors.Join(lines.flush(), rows.close())
}

// row reads a capture's row as the crawler wrote it and completes it.
func (a *Archiver) row(s *segment, c *captured) (*capture.Row, error) {
	raw := make([]byte, c.rowLen)
	if err := s.rows.readAt(raw, c.row); err != nil {
		return nil, err
	}
	r := new(capture.Row)
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fault("row of a capture: %w", err)
	}
	r.URLSurtkey = c.key[:strings.LastIndexByte(c.key, ' ')]
	r.WARCFilename, r.WARCRecordOffset, r.WARCRecordLength = a.warcName(s), c.offset, c.length
	r.Collection, r.Crawl = a.s.Collection, strings.TrimSuffix(archive.SegmentPrefix(a.s.Job, a.s.Run), "-")
	r.RecordType = capture.RecordResponse
	if c.revisitOf != "" {
		r.RecordType, r.RevisitOf, r.ContentDigest = capture.RecordRevisit, c.revisitOf, c.digest
	}
	r.Subset = subset(r)
	return r, nil
}

// indexLines writes the lines of an index, which come in the order of their
// keys; those of one key are sorted among themselves.
type indexLines struct {
	out  *spool
	key  string
	same [][]byte
}

func (l *indexLines) add(key string, r *capture.Row) error {
	if key != l.key {
		if err := l.flush(); err != nil {
			return err
		}
		l.key = key
	}
	mime := cmp.Or(r.ContentMIMEType, r.ContentMIMESniff, cdxj.UnknownMIME)
	if r.RecordType == capture.RecordRevisit {
		mime = cdxj.RevisitMIME
	}
	l.same = append(l.same, cdxj.Line{SURT: r.URLSurtkey, Timestamp: timestamp(r), URL: r.URL, MIME: mime,
		Status: int(r.FetchStatus), Digest: warc.Digest(r.ContentDigest), Length: int64(r.WARCRecordLength),
		Offset: int64(r.WARCRecordOffset), Filename: r.WARCFilename}.Append(nil))
	return nil
}

func (l *indexLines) flush() error {
	cdxj.Sort(l.same)
	for _, line := range l.same {
		if err := l.out.append(line); err != nil {
			return err
		}
	}
	l.same = l.same[:0]
	return nil
}

// articleTable builds articles.parquet of a segment.
func (a *Archiver) articleTable(s *segment) (*spool, error) {
	table, err := newSpool(a.s.SpoolDir, true)
	if err != nil {
		return nil, err
	}
	if err := a.writeArticles(s, table); err != nil {
		table.close()
		return nil, err
	}
	return table, nil
}

func (a *Archiver) writeArticles(s *segment, table *spool) error {
	slices.SortFunc(s.found, func(x, y extracted) int {
		return cmp.Or(strings.Compare(x.domain, y.domain), compareDays(x.day, y.day), cmp.Compare(x.offset, y.offset))
	})
	if s.articles != nil {
		if err := s.articles.flush(); err != nil {
			return err
		}
	}
	rows := newBatch(archive.NewArticleWriter(spoolWriter{table}))
	var unreadable []deadLetter
	for _, x := range s.found {
		row, err := a.articleRow(s, &x)
		if errors.Is(err, errArticle) {
			unreadable = append(unreadable, deadLetter{capture: x.capture, stage: archive.StageExtraction,
				reason: err.Error(), time: a.s.Now().UTC()})
			continue
		}
		if err == nil {
			err = rows.add(row)
		}
		if err != nil {
			return err
		}
	}
	// What is no article counts as a failed extraction.
	if err := rows.close(); err != nil {
		return err
	}
	s.counts.Articles -= int64(len(unreadable))
	s.counts.ExtractFailed += int64(len(unreadable))
	s.dead = append(s.dead, unreadable...)
	return nil
}

// errArticle says that a result is no article that can be read.
var errArticle = errors.New("result is no article")

// compareDays sorts articles without a day last, as the table says of itself.
func compareDays(x, y string) int {
	if (x == "") != (y == "") {
		return len(y) - len(x)
	}
	return strings.Compare(x, y)
}

// articleRow reads an article as the extractor wrote it and completes it.
func (a *Archiver) articleRow(s *segment, x *extracted) (archive.ArticleRow, error) {
	body := make([]byte, x.length)
	if err := s.articles.readAt(body, x.offset); err != nil {
		return archive.ArticleRow{}, err
	}
	var result stream.Result
	if err := result.ReadBody(body); err != nil || result.Article == nil {
		return archive.ArticleRow{}, errArticle
	}
	art := result.Article
	art.Collection, art.Job, art.Run = a.s.Collection, a.s.Job, a.s.Run
	if art.CaptureID == "" || art.URL == "" {
		row, err := a.row(s, &s.captures[x.capture])
		if err != nil {
			return archive.ArticleRow{}, err
		}
		art.CaptureID, art.URL = row.CaptureID, row.URL
	}
	art.ID = cmp.Or(art.ID, art.CaptureID)
	row, err := archive.NewArticleRow(art)
	c := &s.captures[x.capture]
	row.WARCFilename, row.WARCRecordOffset, row.WARCRecordLength = cmp.Or(c.file, a.warcName(s)), c.offset, c.length
	return row, err
}

// batch hands rows to a table in batches.
type batch[T any] struct {
	w    *parquet.GenericWriter[T]
	rows []T
}

func newBatch[T any](w *parquet.GenericWriter[T]) *batch[T] { return &batch[T]{w: w} }

func (b *batch[T]) add(row T) error {
	b.rows = append(b.rows, row)
	if len(b.rows) < writeBatch {
		return nil
	}
	return b.flush()
}

func (b *batch[T]) flush() error {
	_, err := b.w.Write(b.rows)
	b.rows = b.rows[:0]
	return err
}

func (b *batch[T]) close() error { return errors.Join(b.flush(), b.w.Close()) }
