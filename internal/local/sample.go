package local

import (
	"context"
	"encoding/json"

	"newsreel/archive"
	"newsreel/article"
)

// Sample is an article as a summary shows it.
type Sample struct {
	Domain, Headline, Published string
	// DateFrom says where the date was read.
	DateFrom string
	Captions int
}

// samples picks a few articles of a run, of as many sites as there are.
func (r *Runner) samples(ctx context.Context, s *archive.Summary, most int) ([]Sample, error) {
	bySite := map[string][]Sample{}
	var sites []string
	for m, err := range r.arc.RunManifests(ctx, s.Collection, s.Job, s.Run) {
		if err != nil {
			return nil, err
		}
		for row, err := range r.arc.SegmentArticles(ctx, m) {
			if err != nil {
				return nil, err
			}
			if bySite[row.Domain] == nil {
				sites = append(sites, row.Domain)
			}
			if len(bySite[row.Domain]) < most {
				bySite[row.Domain] = append(bySite[row.Domain], sampleOf(row))
			}
		}
	}
	var list []Sample
	for n := 0; n < most && len(list) < most; n++ {
		for _, site := range sites {
			if n < len(bySite[site]) && len(list) < most {
				list = append(list, bySite[site][n])
			}
		}
	}
	return list, nil
}

func sampleOf(row *archive.ArticleRow) Sample {
	s := Sample{Domain: row.Domain, Headline: row.Headline, Published: row.Published, Captions: len(row.Captions)}
	var sources map[string]article.Source
	if json.Unmarshal([]byte(row.Sources), &sources) == nil {
		s.DateFrom = sources["published"].From
	}
	return s
}
